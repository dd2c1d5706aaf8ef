"""What a browser says of itself, in two words: which it is and what it runs on. Knows no page."""

# The first that stands in what a browser says: each names those that it also pretends to be.
BROWSERS = {
    "edg": "Edge", "opr/": "Opera", "samsungbrowser": "Samsung", "firefox": "Firefox", "fxios": "Firefox",
    "chrome": "Chrome", "crios": "Chrome", "chromium": "Chrome", "safari": "Safari",
}  # fmt: skip
SYSTEMS = {
    "android": "Android", "iphone": "iPhone", "ipad": "iPad", "windows": "Windows", "cros": "ChromeOS", "mac os": "Mac",
    "linux": "Linux",
}  # fmt: skip


def browser_of(agent: str) -> str:
    """`Firefox, Android` of the header that a browser sends; empty where it says nothing that we know."""
    said = agent[:500].lower()
    found = (next((name for sign, name in known.items() if sign in said), "") for known in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in found if name)
