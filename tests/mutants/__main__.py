"""Tells of each mutant whether it is caught; with words, only of those that have one of them in their name."""

import sys

from tests.mutants.running import mutants, tried


def main(words: list[str]) -> None:
    """Try mutants, and tell as they are done."""
    wanted = [one for one in mutants() if not words or any(word in one.name for word in words)]
    caught = 0
    for found in tried(wanted):
        caught += found.caught
        print(f"{'caught  ' if found.caught else 'SURVIVED'} {found.mutant.file}: {found.mutant.name}", flush=True)
    print(f"{caught} of {len(wanted)} caught")


main(sys.argv[1:])
