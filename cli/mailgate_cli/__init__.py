"""The command line: the click program, the only place that knows click, tables and colours."""
