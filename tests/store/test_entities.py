"""Entities keep their ids; mentions and counts follow from articles."""

from tests.conftest import entry, feed

from newsreader.model import EntityKind, Precision, Recognised
from newsreader.store import Arrival, Store

TEXT = "Ana Ruiz met Ruiz's Venezuelan colleagues in Porto on Tuesday."


def person(text, surface, name, start=0):
    at = text.index(surface, start)
    return Recognised(start=at, end=at + len(surface), kind=EntityKind.PERSON, name=name)


def found():
    demonym = TEXT.index("Venezuelan")
    day = TEXT.index("Tuesday")
    return [
        person(TEXT, "Ana Ruiz", "Ana Ruiz"),
        person(TEXT, "Ruiz", "Ana Ruiz", 10),
        Recognised(start=demonym, end=demonym + 10, kind=EntityKind.DEMONYM, name="Venezuela"),
        Recognised(
            start=day,
            end=day + 7,
            kind=EntityKind.DATE,
            name="",
            date="2022-06-28",
            precision=Precision.DAY,
        ),
    ]


def recognise(store: Store, guid="1"):
    article = store.articles.save(feed(), [Arrival(entry(guid, TEXT, guid=guid))]).imported[0]
    task = next(t for t in store.todo.take("entities", 10) if t.article == article)
    assert store.entities.save(task, TEXT, found(), 1)
    return article


def test_mentions_come_back_with_their_entities(store):
    article = recognise(store)
    mentions = store.entities.mentions(article)
    assert [TEXT[m.start : m.end] for m in mentions] == [
        "Ana Ruiz",
        "Ruiz",
        "Venezuelan",
        "Tuesday",
    ]
    assert mentions[0].entity == mentions[1].entity
    assert mentions[2].name == "Venezuela"
    assert (mentions[3].entity, mentions[3].date) == (None, "2022-06-28")


def test_counts_leave_demonyms_out(store):
    article = recognise(store)
    (entity,) = store.entities.of_article(article)
    assert (entity.name, entity.here, entity.articles, entity.mentions) == ("Ana Ruiz", 2, 1, 2)
    assert entity.aliases == ("Ruiz",)


def test_recognising_again_changes_no_count(store):
    article = recognise(store)
    store.todo.queue("entities", [article])
    task = store.todo.take("entities", 1)[0]
    assert store.entities.save(task, TEXT, found(), 2)
    (entity,) = store.entities.find("ana")
    assert (entity.articles, entity.mentions) == (1, 2)
    assert not store.check()


def test_a_row_names_whom_it_is_about_but_the_outlet(store):
    text = "Coast Wire, Coast Wire, Ana Ruiz, Bo Lind, Cy Ward, Di Moe."
    story = entry("1", text, guid="1")._replace(outlet="coast wire")
    article = store.articles.save(feed(), [Arrival(story)]).imported[0]
    task = next(t for t in store.todo.take("entities", 10) if t.article == article)
    names = ["Coast Wire", "Ana Ruiz", "Bo Lind", "Cy Ward", "Di Moe"]
    mentions = [person(text, name, name) for name in names]
    mentions.insert(1, person(text, "Coast Wire", "Coast Wire", 5))
    assert store.entities.save(task, text, mentions, 1)
    (row,) = store.lists.headlines([article])
    assert row.names == ("Ana Ruiz", "Bo Lind", "Cy Ward")


def test_names_are_found_by_the_start_of_any_word_without_accents(store):
    recognise(store)
    for prefix in ("ana", "RUI", "Áná r"):
        assert [entity.name for entity in store.entities.find(prefix)] == ["Ana Ruiz"]
    assert store.entities.find("uiz") == []


def test_a_result_for_a_text_that_changed_meanwhile_is_dropped(store):
    article = store.articles.save(feed(), [Arrival(entry("1", TEXT, guid="1"))]).imported[0]
    task = store.todo.take("entities", 1)[0]
    store.articles.save(feed(), [Arrival(entry("1", TEXT + " More.", guid="1"))])
    assert not store.entities.save(task, TEXT, found(), 1)
    assert store.entities.mentions(article) == []
    assert store.todo.pending().entities == 1


def test_an_entity_keeps_its_id_when_all_is_derived_again(store):
    article = recognise(store)
    before = store.entities.find("ana")[0].id
    store._db.execute("DELETE FROM mention")
    store._db.execute("DELETE FROM article_entity")
    store.todo.queue_all("entities")
    task = next(t for t in store.todo.take("entities", 5) if t.article == article)
    store.entities.save(task, TEXT, found(), 1)
    assert store.entities.find("ana")[0].id == before


def test_a_name_is_shown_as_it_is_spelled_best_whatever_came_first(store):
    for n, name in enumerate(("NICOLAS MADURO", "Nicolas Maduro", "Nicolás Maduro")):
        text = f"{name} spoke."
        store.articles.save(feed(), [Arrival(entry(str(n), text, guid=str(n)))])
        (task,) = store.todo.take("entities", 9)
        assert store.entities.save(task, text, [person(text, name, name)], 1)
        (entity,) = store.entities.find("maduro")
        assert (entity.name, entity.aliases) == (name, ())
    store.todo.queue_all("entities")
    task = store.todo.take("entities", 1)[0]
    assert store.entities.save(task, text, [person(text, "Nicolás Maduro", "NICOLAS MADURO")], 1)
    assert store.entities.find("maduro")[0].name == "Nicolás Maduro"
