"""What an e-mail says: that cases wait and how many, and where to sign in. Nothing else, for others may read it."""

from sop_engine.sop.language import Text

Mail = tuple[str, str]


def of_notices(language: str, cases: int, address: str) -> Mail:
    """Subject and text of the mail that tells how many cases need somebody."""
    several = Text(f"{cases} cases need you", f"{cases} वटा विषयलाई तपाईं चाहिएको छ")
    subject = (several if cases != 1 else Text("A case needs you", "एउटा विषयलाई तपाईं चाहिएको छ")).in_language(language)
    return subject, _body(
        [subject + _STOP[language], _SIGN_IN.in_language(language), address, _CHANGE.in_language(language)]
    )


def of_code(language: str, code: str) -> Mail:
    """Subject and text of the mail that proves whose an address is."""
    subject = Text("Your code", "तपाईंको कोड")
    said = Text(
        "This code proves that this address is yours. It is good for 30 minutes:",
        "यो ठेगाना तपाईंको हो भन्ने यस कोडले देखाउँछ। यो ३० मिनेटसम्म चल्छ:",
    )
    otherwise = Text(
        "You did not ask for it? Then do nothing: no further mail comes.",
        "तपाईंले मागेको होइन? त्यसो भए केही नगर्नुहोस्: अर्को इमेल आउँदैन।",
    )
    return subject.in_language(language), _body([said.in_language(language), code, otherwise.in_language(language)])


def of_test(language: str, address: str) -> Mail:
    """Subject and text of a mail that somebody sends herself to see whether it comes."""
    subject = Text("A test", "जाँच")
    said = Text(
        "This is the test that you asked for. E-mails reach you here.",
        "यो तपाईंले मागेको जाँच हो। इमेल तपाईंकहाँ यहाँ आइपुग्छ।",
    )
    return subject.in_language(language), _body([said.in_language(language), address])


def of_new_device(language: str, address: str) -> Mail:
    """Subject and text of the mail that somebody's account was signed in to from a new device."""
    subject = Text("A new device", "नयाँ उपकरण")
    said = Text("Your account was signed in to from a new device.", "तपाईंको खातामा नयाँ उपकरणबाट साइन इन भयो।")
    otherwise = Text(
        "Was it not you? Then sign in and change your password:",
        "तपाईं हुनुहुन्नथ्यो? त्यसो भए साइन इन गरी आफ्नो पासवर्ड फेर्नुहोस्:",
    )
    return subject.in_language(language), _body([said.in_language(language), otherwise.in_language(language), address])


_STOP = {"en": ".", "ne": "।"}
_SIGN_IN = Text("Sign in to read more:", "थप पढ्न साइन इन गर्नुहोस्:")
_CHANGE = Text(
    "You asked for these e-mails. After signing in you can change or stop them under Notices.",
    "यी इमेल तपाईंले माग्नुभएको हो। साइन इन गरेपछि सूचनाहरूमा गएर फेर्न वा रोक्न सक्नुहुन्छ।",
)


def _body(parts: list[str]) -> str:
    return "\n\n".join(parts) + "\n"
