"""`python -m inkdigits` and the `inkdigits` command."""

import sys


def main() -> None:
    """Run the command line; `--version` answers before anything heavy is imported."""
    if sys.argv[1:] == ["--version"]:
        from inkdigits.version import __version__

        print(f"inkdigits {__version__}")
        return
    try:
        from inkdigits.cli.app import run

        code = run()
    except KeyboardInterrupt:  # while a command was being loaded; from then on it answers for itself
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
