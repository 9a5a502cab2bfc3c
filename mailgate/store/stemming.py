"""Words of articles and tickets made comparable: folded, stemmed in English or Turkish, without those that mean nothing.

Takes text; gives terms for the full-text index and for queries. Promises: `printers` finds `printer`, `YAZICIYI` finds
`yazıcı` and `yazici`; a term is letters and digits alone, so that no text is ever query syntax; the work is bounded by
`MOST_LETTERS`. Standards: Snowball's English and Turkish algorithms. Turkish words are cut to five letters too, because
suffixes of verbs are not in Snowball's rules (F. Can et al., Information Retrieval on Turkish Texts, 2008).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mailgate.mail.fold import fold

if TYPE_CHECKING:
    from snowballstemmer.english_stemmer import EnglishStemmer
    from snowballstemmer.turkish_stemmer import TurkishStemmer

MOST_LETTERS = 64 * 1024
_LONGEST_WORD = 40
_TURKISH_STEM = 5
_TURKISH_ROOT = 4
_SHORT_TURKISH_WORD = 7
# Letters of one word; what follows an apostrophe is a suffix ("VPN'e", "printer's").
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]{1,6}(?![^\W_]))?")
_TURKISH_CASE = str.maketrans({"I": "ı", "İ": "i"})

_ENGLISH_WORDS = """
    a about after again all also am an and another any anybody anyone anything are as ask at back be because been before being
    best both but by bye can cannot cant come could cheers day days dear did do does doesn doesnt doing don done dont down
    each either else etc even ever every everyone everything few fine first for from get gets getting give given go goes
    going good got guys had has have havent having he hello help her here hey hi him his how however i if im in into is
    isnt it its ive just keep kind kindly know last let like little look looking lot made make makes many may maybe me
    might more morning most much must my need needs never new no none nor not nothing now of off often ok okay on once
    one only or other our out over own per please possible problem put question quite really regards same say see seem
    seems send sent shall she should since so some somebody someone something soon still such sure take team thank thanks
    that the their them then there these they thing things think this those though time to today tomorrow too tried try
    trying two under until up upon us use used using very via want wants was way we week well were what when where whether
    which while who why will wish with without won wont would year yes yesterday yet you your yours
    issue issues ticket hope hoping afternoon evening sincerely appreciate assist assistance happen happened happens
    tell works working work thx pls wondering anymore longer always sometimes already able unable
"""
_TURKISH_WORDS = """
    acaba aciba ait ama ancak artik asla aslinda ayrica az bana bazen bazi belki ben benden beni benim beri bile bir biraz
    birkac birsey biz bizden bize bizi bizim boyle bu buna bunda bundan bunlar bunu bunun burada bugun bey bay bayan bilgi
    bilgiler bilginize bilginizi cok cunku da daha dahi de degil degilim diger diye dolayi dun eger en et etmek etti ettim
    evet fakat falan filan gibi gore gun gunler gunu hala halde hangi hanim hatta hem henuz hep hepsi her herkes hic hicbir
    icin ile ilgili ise iste istiyorum istiyoruz isterim iyi kadar karsi kendi kez ki kim kimse kolay lazim lutfen madem
    mi mu merhaba merhabalar misiniz musunuz miyim muyum nasil ne neden nedir nerede nereden nereye nicin niye o olan
    olarak oldu oldugu oldum olmak olmasi olmuyor olsun olup olur oluyor ona ondan onlar onlari onu onun orada oysa once
    pek peki rica ragmen saat sadece sanki sayin sekilde selam selamlar sen siz sizden size sizi sizin son sonra soyle su
    suan suanda simdi sey seyi seyler tam tamam tarafindan tekrar tesekkur tesekkurler tum uzere uzerinden var vardi
    varmi ve veya ya yada yani yapabilirim yapiyorum yapmak yapmam yardim yardimci yardiminizi yarin yeni yine yok yoksa
    zaman zaten saygilar saygilarimla saygilarimizla calismalar kolayliklar gelsin gunaydin aksamlar ediyorum ederim
    ederiz eder edebilir edemiyorum nasildir ihtiyacim gerekiyor gerek sorun sorunu problem konu konuda konusunda bilet
"""
_ENGLISH, _TURKISH = frozenset(_ENGLISH_WORDS.split()), frozenset(_TURKISH_WORDS.split())
_MEANINGLESS = _ENGLISH | _TURKISH
_TURKISH_LETTERS = re.compile("[ğşıĞŞİ]")


def words_of(text: str, most: int = MOST_LETTERS) -> list[str]:
    """The words of a text as they stand, in order, without what follows an apostrophe and without single letters."""
    found = (re.split("['’]", word, maxsplit=1)[0] for word in _WORD.findall(text[:most]))
    return [word[:_LONGEST_WORD] for word in found if len(word) > 1]


def is_meaningless(word: str) -> bool:
    """Whether a word says nothing about what a text is about: "please", "için"."""
    return fold(word) in _MEANINGLESS


def forms(word: str, language: str) -> tuple[str, ...]:
    """The forms in which a word is indexed and looked for: two words are alike where they have one in common."""
    if any(letter.isdigit() for letter in word):  # a code, a version, a model: it has no stem
        return tuple(filter(None, [_plain(word)]))
    return _turkish(word) if language == "tr" else _english(word)


@lru_cache(maxsize=8)
def terms_of(text: str, language: str) -> str:
    """The terms of a text for the index, parted by spaces.

    Stemming takes a tenth of a millisecond a word: who writes asks once before the transaction, which others wait for.
    """
    words = (word for word in words_of(text) if not is_meaningless(word))
    return " ".join(form for word in words for form in forms(word, language))


def language_of(text: str) -> str:
    """The language a text is most likely in: "en" or "tr", by its small words and its letters."""
    words = [fold(word) for word in words_of(text, 8192)]
    english = sum(word in _ENGLISH and word not in _TURKISH for word in words)
    turkish = sum(word in _TURKISH and word not in _ENGLISH for word in words)
    turkish += len(_TURKISH_LETTERS.findall(text[:8192]))
    return "tr" if turkish > english else "en"


@lru_cache(maxsize=8192)
def _english(word: str) -> tuple[str, ...]:
    return tuple(filter(None, [_plain(_stemmers()[0].stemWord(fold(word)))]))


@lru_cache(maxsize=8192)
def _turkish(word: str) -> tuple[str, ...]:
    """Stem and word, cut; a word that is short enough to be a root of four letters with a suffix, cut to four too.

    Snowball takes letters of such roots for suffixes ("ürün", "iade", "kartım"), so that its shortest stems say nothing.
    """
    stem = _plain(_stemmers()[1].stemWord(word.translate(_TURKISH_CASE).lower()))
    whole = _plain(word)
    found = [stem[:_TURKISH_STEM]] if len(stem) >= _TURKISH_ROOT else []
    found.append(whole[:_TURKISH_STEM])
    if _TURKISH_ROOT < len(whole) <= _SHORT_TURKISH_WORD:
        found.append(whole[:_TURKISH_ROOT])
    return tuple(dict.fromkeys(filter(None, found)))


def _plain(stem: str) -> str:
    """Folding may leave marks of other scripts, which the index would take for the ends of words."""
    return "".join(letter for letter in fold(stem) if letter.isalnum())


@lru_cache(maxsize=1)
def _stemmers() -> tuple[EnglishStemmer, TurkishStemmer]:
    # These classes and not `snowballstemmer.stemmer`, which takes another library where one is installed: an index and
    # its queries must be stemmed alike.
    from snowballstemmer.english_stemmer import EnglishStemmer
    from snowballstemmer.turkish_stemmer import TurkishStemmer

    return EnglishStemmer(), TurkishStemmer()
