"""States that links carry: sound ones, and broken ones."""

import pathlib
import tomllib
import urllib.parse

PRESETS = pathlib.Path(__file__).resolve().parent.parent / "src" / "presets"

TREE = "tree.arity=2&tree.depth=3"
TIMING = 'timing.latency={model="proportional",scale=0.125}&timing.period={model="ratio",base=0.125,ratio=2}&timing.delay="batched"'
FLOW = "flow.rate=64.0"
DISCOUNT = "discount.half_life=1.0"
LIST = ", ".join(
    f'{{ id = "k{i}", stake = {100 + 70 * i}.0, bid = {i}.5, ping = 0.0{i + 1}, picked = 40, succeeded = {40 - 3 * i} }}' for i in range(8)
)


def state(tree=TREE, flow=FLOW, timing=TIMING, discount=DISCOUNT, *more):
    """The fragment of a link with these lines of a scenario file."""
    lines = "&".join([tree, flow, timing, discount, *more]).split("&")
    return "&".join(urllib.parse.quote(line, safe="=.,[]{}") for line in lines)


def flow(components, rate="64.0", assets=2):
    """Order flow of several components."""
    return f"flow.rate={rate}&flow.assets={assets}&flow.components=[{components}]"


def keepers(rule, more=""):
    """Keepers who are the operators."""
    return f'keepers={{ assignment = "operators", rule = "{rule}", failure_delay = 0.05, deadline = 0.25, {more} list = [{LIST}] }}'


def preset(name):
    """The scenario file of a preset, as a fragment."""
    return "&".join(urllib.parse.quote(line) for line in lines("", tomllib.loads((PRESETS / f"{name}.toml").read_text())))


def lines(prefix, table):
    """A TOML table as lines with dotted keys."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from lines(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}={inline(value)}"


def inline(value):
    """A TOML value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {inline(x)}" for key, x in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else repr(value).lower()


RING = 'timing.latency={{model="ring",statistic="{}",spacing=0.02{}}}&timing.period={{model="ratio",base=0.01,ratio=2}}&timing.solving=0.005&timing.delay="batched"'
FACTOR = "discount.factor=0.5"

# Every kind of flow, every model of latency, period and delay, keepers, places; the smallest tree and a deep one.
SOUND = {
    "exchange": state("tree.arity=2&tree.depth=4",
                      flow('{kind="uniform",share=0.5},{kind="scale-free",exponent=1.5,share=0.4},'
                           '{kind="circle-distance",distance=1,share=0.1,side_share=0.45}', "400.0", 3),
                      RING.format("random-quorum", ",quorum=0.6667"), "discount.half_life=0.5", "cost.per_message=0.002"),
    "keepers by stake": state(TREE, FLOW, TIMING, DISCOUNT, "cost.per_message=0.05", keepers("stake-weighted")),
    "the document": state(discount=FACTOR),
    "depth 10": state("tree.arity=2&tree.depth=10", "flow.rate=8192.0", TIMING.replace("0.125", "0.001"), "discount.half_life=0.7"),
    "depth 10, ring": state("tree.arity=2&tree.depth=10", flow('{kind="scale-free",exponent=1.0}', "5000.0"),
                            RING.format("diameter", ""), "discount.half_life=2.0", "cost.per_message=1e-5"),
    "one operator": state("tree.arity=2&tree.depth=0"),
    "arity 5": state("tree.arity=5&tree.depth=3", "flow.rate=1000.0", TIMING, DISCOUNT, "cost.per_message=0.001"),
    "arity 8": state("tree.arity=8&tree.depth=2", flow('{kind="meet-at",height=1,share=0.75},{kind="opposite",share=0.25}', "512.0")),
    "opposite": state(flow=flow('{kind="opposite"}')),
    "nearby": state(flow=flow('{kind="nearby",height=1}')),
    "meet at height 2": state(flow=flow('{kind="meet-at",height=2,side_share=0.3}')),
    "scale-free": state(flow=flow('{kind="scale-free",exponent=-0.5}')),
    "along the circle": state(flow=flow('{kind="circle-distance",distance=3}')),
    "one site": state(flow=flow('{kind="single-site",operator=5,share=0.2},{kind="uniform",share=0.8}')),
    "custom flow": state(flow=flow('{kind="custom",classes=[{pair=["ETH","USD"],operators=[0,7],rates=[[3.0,1.0],[1.0,2.0]]}]}')),
    "ten assets": state(flow=flow('{kind="uniform"}', "900.0", 10)),
    "mean farthest, cumulative": state(timing=RING.format("mean-farthest", "").replace("batched", "cumulative")),
    "fastest quorum, idealised": state(timing=RING.format("fastest-quorum", ",quorum=0.5").replace("batched", "idealised")),
    "tables": state(timing='timing.latency={model="table",values=[0.1,0.2,0.4,0.5]}&timing.period={model="table",values=[0.5,0.5,1.0,2.0]}'
                           '&timing.delay="batched"'),
    "back to back": state(timing='timing.latency={model="proportional",scale=0.05,exponent=0.5}&timing.period={model="back-to-back"}'
                                 '&timing.delay="batched"'),
    "utility and cost": state(TREE, FLOW, TIMING, "discount.rate=0.3", "utility.mean=2.5", "cost.per_message=0.0123"),
    "dear messages": state(TREE, FLOW, TIMING, DISCOUNT, "cost.per_message=7.0"),
    "nobody is impatient": state(discount="discount.rate=0.0"),
    "keepers, a power of the stake": state(TREE, FLOW, TIMING, DISCOUNT, keepers("power", 'power = 2.0, outages = "common",')),
    "keepers, a gas auction": state(TREE, FLOW, TIMING, DISCOUNT, keepers("gas-auction")),
    "keepers, Flashbots": state(TREE, FLOW, TIMING, DISCOUNT, keepers("flashbots", 'lambda = 2.0, tau = 0.5, retry = "same",')),
    "cities": preset("cities"),
    "golden ratio": preset("golden-ratio"),
    "a precision is asked for": state(TREE, FLOW, TIMING, DISCOUNT, "monte_carlo.precision=0.01"),
    "few and tiny": state(TREE, flow('{kind="uniform"}', "1e-6"), TIMING, "discount.half_life=1e-3"),
}

# No slider is at an end.
MIDDLE = state("tree.arity=3&tree.depth=3", "flow.rate=100.0", TIMING, DISCOUNT, "cost.per_message=0.01")

SCRIPT = "<img src=x onerror=alert(1)><script>alert(2)</script>"

# What somebody may get by mail. Every one must be answered by a message, next to controls that work.
BROKEN = {
    "an unknown key": state(TREE, FLOW, TIMING, DISCOUNT, "tree.colour=1"),
    "an unknown section": state(TREE, FLOW, TIMING, DISCOUNT, "trees.arity=2"),
    "a word for a number": state(flow="flow.rate=many"),
    "text for a number": state(flow='flow.rate="many"'),
    "bytes that are no text": "%ff%fe%00%80",
    "a percent sign alone": "tree.arity=%zz",
    "only percent signs": "%%%%%",
    "a million letters": "a" * 1_000_000,
    "a million lists": state(flow="flow.components=" + "[" * 30_000),
    "HTML": SCRIPT,
    "HTML, encoded": urllib.parse.quote(SCRIPT),
    "HTML in a key": state(TREE, FLOW, TIMING, DISCOUNT, urllib.parse.quote(f'"{SCRIPT}"=1')),
    "HTML in a name": state(flow=flow("{kind=\"" + SCRIPT.replace("=", "%3D") + "\"}")),
    "HTML in an architecture": f"show={urllib.parse.quote(SCRIPT)}&tree.arity=1",
    "an address of a script": "javascript:alert(1)",
    "not a number": state(flow="flow.rate=nan"),
    "infinite": state(discount="discount.half_life=-inf"),
    "negative arity": state("tree.arity=-2&tree.depth=3"),
    "no arity": state("tree.depth=3"),
    "depth 2000": state("tree.arity=2&tree.depth=2000"),
    "depth beyond all": state("tree.arity=2&tree.depth=99999999999999999999999"),
    "a table that is too short": state(timing=TIMING.replace('{model="proportional",scale=0.125}', '{model="table",values=[1.0]}')),
    "shares beyond 1": state(flow=flow('{kind="uniform",share=0.9},{kind="opposite",share=0.9}')),
    "the same key twice": state(TREE, FLOW, TIMING, DISCOUNT, "tree.arity=3"),
    "a file of this computer": state(flow=flow('{kind="custom",file="/etc/passwd"}')),
    "half of a list": state(flow='flow.components=[{kind="uniform"'),
    "JSON": '{"tree":{"arity":2}}',
    "another page's anchor": "introduction",
}
