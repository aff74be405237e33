"""The words of the query language in one region: its blocks, topics, bodies, places and colleagues."""

from collections.abc import Iterable, Mapping

from cur_tui.domain.profile import GENERAL_BLOCK
from cur_tui.domain.query import Field
from cur_tui.domain.query_vocabulary import Vocabulary, Word
from cur_tui.domain.query_words import default_vocabulary
from cur_tui.domain.rulebook import Rulebook


def vocabulary_of(rulebook: Rulebook, colleagues: Mapping[str, str]) -> Vocabulary:
    """The default words with the region's own; a block keeps its usual short spellings beside its name."""
    region = rulebook.region
    usual = default_vocabulary()
    blocks = usual.lexicon(Field.BLOCK)
    known = {word.code: word for word in blocks.words} if blocks else {}
    own = {block.code: block.name for block in region.blocks}

    def block_words() -> Iterable[Word]:
        for code in dict.fromkeys((*own, GENERAL_BLOCK)):
            name = own.get(code, "")
            word = known.get(code) or Word(code, code, name or code)
            yield Word(code, word.english, word.russian, (*word.aliases, name) if name else word.aliases)

    return (
        usual.with_words(Field.BLOCK, block_words())
        .with_words(Field.TOPIC, (Word(topic.code, topic.code, topic.name) for topic in region.topics))
        .with_words(Field.AUTHORITY, (Word(body.code, body.code, body.name) for body in region.authorities))
        .with_words(
            Field.MUNICIPALITY,
            (Word(town.code, town.code, town.name, town.aliases) for town in region.municipalities),
        )
        .with_words(Field.ASSIGNEE, (Word(code, code, name) for code, name in colleagues.items()))
    )
