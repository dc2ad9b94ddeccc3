"""What the command lines of the benchmarks have in common."""
import argparse


def listed(known):
    """A parser of names with commas between them."""
    def parse(text):
        names = [name for name in text.split(",") if name]
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"nothing is called `{name}`; there are {', '.join(known)}")
        return names
    return parse


def add_reports(parser, where):
    parser.add_argument("--build", default="build/release", help=f"the folder of {where}")
    parser.add_argument("--json", metavar="FILE", help="write the results")
    parser.add_argument("--html", metavar="FILE", help="write them as a page with the roofline")
    parser.add_argument("--keep", action="store_true", help="write them into bench/results")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--compare", nargs="+", metavar="FILE")
