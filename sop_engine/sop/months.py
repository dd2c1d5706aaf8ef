"""Names of the months in both calendars, as pages show them and as people write them. Knows no date.

Each line is one month: what English pages show, then other spellings; after the stroke the same in Nepali.
"""

import unicodedata

_BIKRAM_SAMBAT = """
Baisakh Baishakh Vaisakh Vaishakh | वैशाख बैशाख बैसाख
Jestha Jeth Jyeshtha Jyestha | जेठ जेष्ठ ज्येष्ठ
Asar Asadh Ashadh Ashad Asaar | असार आषाढ अषाढ असाढ
Shrawan Srawan Shravan Saun Sawan | साउन श्रावण
Bhadra Bhadau | भदौ भाद्र भाद्रपद
Asoj Ashoj Aswin Ashwin | असोज आश्विन अश्विन
Kartik Kattik Karthik | कात्तिक कार्तिक
Mangsir Mangshir Marga Margashirsha | मङ्सिर मंसिर मङ्गसिर मार्ग मार्गशीर्ष
Poush Paush Pus Push | पुस पूस पौष पुष
Magh | माघ
Falgun Phalgun Fagun Phagun | फागुन फाल्गुन फाल्गुण
Chaitra Chait Chaita | चैत चैत्र
"""
_GREGORIAN = """
Jan January | जनवरी जनवरि
Feb February | फेब्रुअरी फेब्रुवरी फेब्रवरी फेब्रुअरि
Mar March | मार्च
Apr April | अप्रिल अप्रेल
May | मे मई
Jun June | जुन जून
Jul July | जुलाई जुलाइ
Aug August | अगस्ट अगस्त
Sep Sept September | सेप्टेम्बर सेप्टेम्वर सेप्टेंबर
Oct October | अक्टोबर अक्टुबर अक्टोवर
Nov November | नोभेम्बर नोभेम्वर नोवेम्बर नभेम्बर
Dec December | डिसेम्बर डिसेम्वर
"""


def _months(lines: str) -> tuple[tuple[list[str], list[str]], ...]:
    pairs = (line.partition("|") for line in lines.strip().splitlines())
    return tuple((english.split(), nepali.split()) for english, _, nepali in pairs)


BIKRAM_SAMBAT, GREGORIAN = _months(_BIKRAM_SAMBAT), _months(_GREGORIAN)


def shown(months: tuple[tuple[list[str], list[str]], ...], nepali: bool) -> tuple[str, ...]:
    """The twelve names that pages show, in one language."""
    return tuple(names[nepali][0] for names in months)


def _plain(name: str) -> str:
    """A name without what people cannot see or do not care about: joiners, the dot of a short form, capitals."""
    seen = "".join(letter for letter in name if letter not in "\u200c\u200d")
    return unicodedata.normalize("NFC", seen).rstrip(".").casefold()


_READ = {
    _plain(name): (calendar, number)
    for calendar, months in (("BS", BIKRAM_SAMBAT), ("AD", GREGORIAN))
    for number, names in enumerate(months, 1)
    for name in (*names[0], *names[1])
}


def read_month(name: str) -> tuple[str, int] | None:
    """The calendar (`BS` or `AD`) and the number of a month by its name; None for what is no month."""
    return _READ.get(_plain(name))
