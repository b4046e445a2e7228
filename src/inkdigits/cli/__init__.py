"""The command line: a file a command; parse, one library call, print."""
