"""What sites say when they do not show the article, in the languages they say it in.

A phrase alone refuses nothing: see ``_refusals`` for what must come with it.
"""

import re


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)


PAYWALL = _any(
    r"subscri(?:be|ption|bers?)\b.{0,40}\b(?:to (?:continue|keep|read|access|unlock)|only\b"
    r"|required)",
    r"(?:to )?(?:continue|keep) reading\b.{0,60}\b(?:subscri|sign|log|register|account|trial|free)",
    r"to (?:continue|keep) reading|unlock (?:this|the full) (?:article|story)",
    r"already (?:a|have an?) (?:subscri|member|account)",
    r"(?:this|the full) (?:article|story|content) is (?:only |exclusively )?"
    r"(?:available )?(?:for|to|reserved for) (?:our )?(?:paid |paying |premium )?"
    r"(?:subscri|member)",
    r"you(?:['’]ve| have) (?:reached|read) (?:your|all).{0,30}(?:free )?articles?",
    r"(?:jetzt|sofort|weiter)\s*(?:lesen mit|weiterlesen)|lesen sie (?:den ganzen artikel )?mit\b",
    r"(?:nur|exklusiv) für abonnent|mit (?:dem )?abo\b|abo abschließen|jetzt abonnieren"
    r"|bereits (?:abonnent|kunde\b)|zum weiterlesen",
    r"réservée?s? (?:à nos|aux) abonnés|il vous reste\b.{0,30}\bà (?:lire|découvrir)"
    r"|abonnez[- ]vous pour|déjà abonnée?|pour lire la suite|lire la suite de cet article",
    r"(?:exclusivo|solo|s[oó]lo|reservado) (?:para|a) (?:los )?(?:suscriptor|abonad)"
    r"|suscr[ií]bete para"
    r"|para seguir leyendo|¿ya (?:eres|estás) suscri|si ya eres suscriptor",
    r"(?:riservat[oa]|esclusiv[oa]) (?:agli|per gli|ai) abbonati|per continuare a leggere"
    r"|abbonati per|sei già abbonat",
    r"(?:exclusivo|restrito) (?:para|a|aos) (?:os )?assinantes|para continuar (?:a ler|lendo)"
    r"|já é assinante|assine (?:para|e leia)",
    r"verder lezen|lees verder (?:met|als)|alleen voor abonnees|al abonnee|exclusief voor abonnees",
    r"läs vidare|för att läsa (?:hela|vidare)|endast för prenumeranter|redan prenumerant"
    r"|lås upp (?:artikeln|hela)",
    r"allerede abonnent|for å lese (?:hele|videre)|kun for abonnenter|læs videre med|for at læse",
    r"(?:tylko|wyłącznie) dla (?:prenumerat|subskryb)|aby czytać dalej|czytaj dalej w",
    r"только для подписчиков|чтобы (?:читать|прочитать) дальше|оформите подписку",
    r"sadece aboneler|okumaya devam etmek için|会員限定|続きを読むには"
    r"|この記事は有料|订阅后阅读|登录后阅读",
)
"""Prompts under the beginning of an article."""

CONSENT = _any(
    r"we (?:and our (?:\d+ )?partners )?(?:use|store).{0,40}cookies|accept (?:all )?cookies"
    r"|cookie (?:policy|settings|preferences|consent)"
    r"|manage (?:my )?(?:cookies|preferences|choices)",
    r"we value your privacy|before you continue|your (?:privacy|consent) (?:choices|settings)"
    r"|withdraw (?:your )?consent|our \d* ?partners|legitimate interest|personali[sz]ed ads",
    r"wir (?:und unsere partner|verwenden|nutzen|benötigen ihre).{0,50}(?:cookies|zustimmung)"
    r"|alle(?:n)? (?:cookies )?(?:akzeptieren|zustimmen)|zustimmen und weiter|cookie-einstellungen"
    r"|mit werbung (?:weiter)?lesen|einwilligung|datenschutzerklärung",
    r"nous (?:et nos partenaires|utilisons).{0,50}cookies"
    r"|(?:tout )?accepter et (?:continuer|fermer)"
    r"|continuer sans accepter|vos choix en matière de|paramétrer (?:les|mes) cookies"
    r"|nos partenaires"
    r"|politique de confidentialité",
    r"(?:nosotros y nuestros socios|utilizamos|usamos).{0,50}cookies"
    r"|aceptar (?:todas? )?(?:las )?cookies"
    r"|aceptar y continuar|configurar (?:las )?cookies|política de (?:cookies|privacidad)"
    r"|nuestros socios",
    r"(?:noi e i nostri partner|utilizziamo|usiamo).{0,50}cookie|accetta (?:tutti|e continua)"
    r"|rifiuta (?:tutti|e abbonati)|informativa sulla privacy|i nostri partner",
    r"(?:nós e os nossos parceiros|usamos|utilizamos).{0,50}cookies|aceitar (?:todos|e continuar)"
    r"|política de privacidade|nossos parceiros",
    r"wij (?:en onze partners|gebruiken).{0,50}cookies|(?:alles )?accepteren|cookie-?instellingen"
    r"|onze partners|privacyverklaring",
    r"vi (?:och våra partner|använder|bruger|bruker).{0,50}(?:cookies|kakor|informasjonskapsler)"
    r"|godkänn (?:alla|cookies)|acceptera (?:alla|cookies)|godta alle|tillad alle",
    r"używamy plików cookie|akceptuj(?:ę)? (?:wszystkie|i przejdź)|polityk[aięą] prywatności"
    r"|nasi (?:zaufani )?partnerzy|мы используем (?:файлы )?cookie|принять (?:все|cookies)",
)
"""Prompts of a consent page; one alone stands under many articles."""

CHALLENGE = _any(
    r"checking (?:your browser|if the site connection)|just a moment\b|attention required",
    r"verify(?:ing)? (?:that )?you(?: are|['’]re) (?:a )?(?:human|not a (?:ro)?bot)"
    r"|are you (?:a )?(?:human|robot)\b|i['’]m not a robot|prove you(?: are|['’]re) (?:human|not)",
    r"(?:complete|solve|enter) the (?:security check|captcha)|press (?:&|and) hold"
    r"|enable javascript and cookies to continue|pardon our interruption|unusual traffic",
    r"ddos protection by|access (?:to this page )?(?:has been )?(?:denied|blocked)"
    r"|you have been blocked|request (?:was )?blocked|security check(?:point)?",
    r"(?:sind sie|bist du) ein (?:mensch|roboter)|ihr browser wird überprüft|zugriff verweigert"
    r"|ungewöhnlichen datenverkehr|bestätigen sie,? dass sie (?:ein mensch|kein roboter)",
    r"êtes[- ]vous un (?:humain|robot)|vérification de votre navigateur|accès (?:refusé|interdit)"
    r"|vous n['’]êtes pas un robot|trafic inhabituel",
    r"(?:no soy|no eres|eres) un robot|comprobando (?:su|tu) navegador|acceso denegado"
    r"|verifi(?:que|ca) que (?:es|eres) (?:un )?humano|tráfico inusual",
    r"non sono un robot|verifica del browser|accesso negato|não sou (?:um )?rob[ôo]|acesso negado"
    r"|ik ben geen robot|toegang geweigerd|jag är inte en robot|nie jestem robotem|я не робот",
    r"доступ (?:запрещ|ограничен)|проверка браузера|ロボットではありません|人机验证|安全验证",
)
"""Bot checks and refusals of the server."""

ERROR = _any(
    r"(?:^|[\s·:|(])(?:error )?(?:404|410)(?:$|[\s·:|)!.\-–])"
    r"|page (?:not|can(?:no|['’])t be) found|not found\b",
    r"(?:page|article|story) (?:you (?:requested|are looking for) )?(?:does(?: not|n['’]t) exist"
    r"|is no longer available|has been (?:removed|deleted)|is unavailable)",
    r"(?:service|site|temporarily) unavailable|internal server error|bad gateway|gone$"
    r"|something went wrong|under maintenance",
    r"seite (?:wurde )?nicht gefunden|seite existiert nicht|(?:artikel|inhalt) (?:wurde )?nicht"
    r" (?:gefunden|verfügbar)|nicht mehr verfügbar|wartungsarbeiten",
    r"page (?:introuvable|non trouvée|inexistante)|n['’]existe (?:pas|plus)|erreur 404"
    r"|en maintenance",
    r"página (?:no|não) (?:encontrada|existe|disponible|disponível)"
    r"|no (?:se )?(?:ha )?encontrad[oa]"
    r"|no existe|pagina non (?:trovata|esiste)|contenuto non disponibile",
    r"pagina (?:niet|bestaat niet|kon niet)|sidan (?:hittades inte|finns inte|kunde inte)"
    r"|siden (?:ble|blev|finnes|findes) ikke|sivua ei löyd",
    r"nie znaleziono|strona nie istnieje|страница не найдена|не найдена?"
    r"|ページが見つかりません|页面不存在"
    r"|sayfa bulunamad",
)
"""Titles of pages that say that there is no such page."""

LOGIN = _any(
    r"\b(?:log|sign)[ -]?in\b(?!\s+the)|create (?:an |your )?account|\bregister(?: now| to)\b",
    r"\banmelden\b|\beinloggen\b|se connecter|connectez-vous|connexion\b|identifiez-vous",
    r"iniciar sesi[oó]n|inicia sesi[oó]n|\baccedi\b|iniciar sessão|fazer login|\binloggen\b"
    r"|logga in|logg inn|log ind|kirjaudu|zaloguj|войти|вход\b|ログイン|登录|登錄|giriş yap",
)
"""Titles of pages to sign in on."""

NEEDS_SCRIPT = _any(
    r"java\s?script",
)
"""What pages that are programs say to those who do not run them."""

MARKERS = _any(
    r"challenge-platform|cf-challenge|challenges\.cloudflare|px-captcha|captcha-delivery|datadome"
    r"|_incapsula_|hcaptcha|recaptcha|awswaf|perimeterx|geo\.captcha|turnstile",
)
"""Addresses and ids in the code of bot checks."""
