"""`python -m inkdigits` and the `inkdigits` command."""

import sys


def main() -> None:
    """Run the command line; `--version` answers before anything heavy is imported."""
    if sys.argv[1:] == ["--version"]:
        from inkdigits.version import __version__

        print(f"inkdigits {__version__}")
        return
    from inkdigits.cli.app import run

    sys.exit(run())


if __name__ == "__main__":
    main()
