"""`python -m inkdigits` and the `inkdigits` command."""

import signal
import sys


def main() -> None:
    """Run the command line; `--version` answers before anything heavy is imported."""
    if sys.argv[1:] == ["--version"]:
        from inkdigits.version import __version__

        print(f"inkdigits {__version__}")
        return
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # While a command loads, Ctrl-C just ends it: raised inside an import, it may come out as another error.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from inkdigits.cli.app import run

    sys.exit(run())


if __name__ == "__main__":
    main()
