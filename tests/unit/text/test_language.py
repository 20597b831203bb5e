import pytest

from newsreader.text.language import detect, direction

SENTENCES = {
    "en": "The council said that it will open the bridge to all traffic in the spring.",
    "es": "El ayuntamiento dijo que abrirá el puente al tráfico en la primavera y no antes.",
    "fr": "Le conseil a dit que le pont sera ouvert dans les mois qui viennent pour tous.",
    "de": "Der Rat hat gesagt, dass die Brücke im Frühling für den Verkehr geöffnet wird.",
    "pt": "O conselho disse que a ponte não será aberta ao trânsito até que a obra seja paga.",
    "it": "Il consiglio ha detto che il ponte non sarà aperto al traffico della città.",
    "nl": "De raad heeft gezegd dat de brug in het voorjaar voor het verkeer opengaat.",
    "sv": "Rådet sade att bron inte ska öppnas för trafik och att det är för tidigt.",
    "fi": "Neuvosto sanoi, että silta ei ole vielä auki, mutta se on pian valmis ja myös kaunis.",
    "pl": "Rada powiedziała, że most nie jest jeszcze otwarty, ale to się zmieni na wiosnę.",
    "cs": "Rada řekla, že most není ještě otevřený, ale to se na jaře změní a bude to jako dřív.",
    "tr": "Belediye bu köprünün daha sonra açılacağını söyledi ve çok önemli olduğunu da ekledi.",
    "ru": "Совет сказал, что мост не откроют для движения, но это может измениться весной.",
    "uk": "Рада сказала, що міст не відкриють для руху, але це може змінитися, як буде тепло.",
    "bg": "Съветът каза, че мостът не е отворен за движение и това ще се промени през пролетта.",
    "el": "Το συμβούλιο είπε ότι η γέφυρα θα ανοίξει.",
    "ar": "قال المجلس إن الجسر سوف يفتح في الربيع على الرغم من التأخير",
    "fa": "شورا گفت که این پل در بهار برای رفت و آمد باز می شود",
    "he": "המועצה אמרה שהגשר ייפתח באביב",
    "hi": "परिषद ने कहा कि यह पुल वसंत में खोला जाएगा और इस पर काम हो गया है",
    "bn": "পরিষদ বলেছে সেতুটি খোলা হবে",
    "ta": "பாலம் திறக்கப்படும் என்று சபை கூறியது",
    "th": "สภากล่าวว่าสะพานจะเปิด",
    "ja": "議会は橋が春に開くと言いました。",
    "zh": "市议会说大桥将在春天开放。",
    "ko": "시의회는 다리가 봄에 열린다고 말했다",
    "am": "ምክር ቤቱ ድልድዩ ይከፈታል ብሏል ነገር ግን ይህ ወደ ፊት ነው",
    "ha": "Shugaban ya ce ba a bude gadar ba amma za a yi haka nan da wata daya, kuma wannan ne",
    "sw": "Baraza la mji alisema kwamba daraja hilo la zamani ni kwa ajili ya watu wa mji huo",
    "vi": "Hội đồng cho biết cây cầu sẽ được mở và đây là một tin vui với người dân",
    "id": "Dewan itu mengatakan bahwa jembatan akan dibuka dan ini tidak untuk kendaraan",
    "da": "Rådet siger, at broen ikke bliver åbnet for trafik, og at det er af hensyn til os.",
    "no": "Rådet sier at broen ikke blir åpnet nå, og at det er mye bare etter dette.",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_one_sentence_is_enough(code: str) -> None:
    assert detect(SENTENCES[code]) == code


@pytest.mark.parametrize("text", ["", "12", "Kabul: 3", "Xyzzy plugh qwerty"])
def test_none_when_unsure(text: str) -> None:
    assert detect(text) is None


def test_direction() -> None:
    assert [direction(x) for x in ("ar", "he", "fa", "en", SENTENCES["ar"])] == [
        "rtl", "rtl", "rtl", "ltr", "rtl",
    ]  # fmt: skip
    assert direction(SENTENCES["ru"]) == "ltr"
