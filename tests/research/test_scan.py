"""The selective scan and the Mamba block: gradients, cost, precision, padding, direction."""

import pytest

torch = pytest.importorskip("torch")

from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from mien.research.layers import scan as module  # noqa: E402
from mien.research.layers.mamba import Mamba, MambaStack, flip_real  # noqa: E402
from mien.research.layers.scan import selective_scan, ssm_kernel  # noqa: E402

torch.set_num_threads(1)


def drawn(n=2, time=5, channels=3, state=4, dtype=torch.float64):
    torch.manual_seed(0)
    shapes = [(n, time, channels), (n, time, channels), (channels, state), (n, time, state), (n, time, state)]
    u, delta, a, b, c = (torch.randn(shape, dtype=dtype) for shape in shapes)
    return u, delta.exp(), -a.exp(), b, c


@pytest.mark.parametrize("chunk", [1 << 18, 48, 1])
@pytest.mark.parametrize("way", ["euler", "zoh"])
def test_gradients_equal_finite_differences(way, chunk, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", chunk)
    skip, start = torch.randn(3, dtype=torch.float64), torch.randn(2, 3, 4, dtype=torch.float64)
    given = [values.requires_grad_() for values in (*drawn(), skip, start)]

    def run(u, delta, a, b, c, skip, start):
        return selective_scan(u, delta, a, b, c, skip, start=start, discretisation=way)

    assert torch.autograd.gradcheck(run, given)


@pytest.mark.parametrize("way", ["euler", "zoh"])
def test_equals_the_recurrence_written_out(way):
    u, delta, a, b, c = drawn(time=9)
    y, last = selective_scan(u, delta, a, b, c, discretisation=way)
    h = torch.zeros(2, 3, 4, dtype=u.dtype)
    for t in range(9):
        power = delta[:, t, :, None] * a
        gain = delta[:, t, :, None] if way == "euler" else power.expm1() / a
        h = power.exp() * h + gain * b[:, t, None] * u[:, t, :, None]
        torch.testing.assert_close(y[:, t], (h * c[:, t, None]).sum(-1))
    torch.testing.assert_close(last, h)


def test_goes_on_from_a_state():
    u, delta, a, b, c = drawn(time=7)
    whole, last = selective_scan(u, delta, a, b, c)
    first, state = selective_scan(u[:, :3], delta[:, :3], a, b[:, :3], c[:, :3])
    second, end = selective_scan(u[:, 3:], delta[:, 3:], a, b[:, 3:], c[:, 3:], start=state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close(end, last)


class Written(TorchDispatchMode):
    """Numbers written by all operations together, and the largest tensor of them."""

    total = largest = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for values in out if isinstance(out, (tuple, list)) else [out]:
            if isinstance(values, torch.Tensor) and "select" not in func.__name__ and not func.is_view:
                self.total += values.numel()
                self.largest = max(self.largest, values.numel())
        return out


def written(time):
    given = [values.requires_grad_() for values in drawn(2, time, 8, 4, torch.float32)]
    with Written() as count:
        selective_scan(*given)[0].sum().backward()
    return count


@pytest.mark.parametrize("chunk", [1 << 18, 1 << 9])
def test_cost_is_linear_in_time_forward_and_backward(chunk, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", chunk)
    short, long = written(128), written(512)
    assert long.total < 4.5 * short.total
    assert long.largest <= 512 * 2 * 8 * 4, "nothing of steps x steps"


def test_long_and_strong_decay_stays_finite():
    """The cumulative form would need exp(1500): no such number in float32."""
    u, delta, a, b, c = drawn(1, 2000, 4, 16, torch.float32)
    y, last = selective_scan(u.requires_grad_(), delta, a * 10, b, c)
    y.sum().backward()
    assert torch.isfinite(y).all() and torch.isfinite(last).all() and torch.isfinite(u.grad).all()


def test_recurrence_is_float32_under_autocast():
    torch.manual_seed(0)
    block, u = Mamba(8, both=True), torch.randn(2, 30, 8)
    with torch.autocast("cpu", torch.bfloat16):
        half = block(u)
    assert (half.float() - block(u)).abs().max() < 0.05
    given = drawn(dtype=torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(selective_scan(*given)[0], selective_scan(*given)[0].float())
    wide = selective_scan(*(values.double() for values in given))[0]
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(selective_scan(*given)[0].double(), wide, rtol=1e-4, atol=1e-4)


def test_kernel_per_channel():
    a, b, c = (torch.randn(5, 3, dtype=torch.float64) for _ in range(3))
    kernel = ssm_kernel(-a.exp(), b, c, torch.rand(5, dtype=torch.float64), 6)
    assert kernel.shape == (5, 6) and torch.isfinite(kernel).all()


def test_one_way_sees_no_later_step():
    torch.manual_seed(0)
    block, x = MambaStack(6, 2, 0.0, {"state": 4}).eval(), torch.randn(2, 8, 6)
    other = x.clone()
    other[:, 5:] += 1
    assert torch.equal(block(x)[:, :5], block(other)[:, :5])


@pytest.mark.parametrize(("combine", "share"), [("sum", 1.0), ("mean", 0.5)])
def test_the_way_back_is_put_in_the_order_of_time_again(combine, share):
    """Alone, it tells a step of itself and of what comes after; then it is added to the way there, or averaged."""
    torch.manual_seed(0)
    block = Mamba(6, state=4, both=True, combine=combine).eval()
    mask = torch.arange(8) < torch.tensor([[8], [6]])
    x, other = torch.randn(2, 8, 6), None
    whole = block(x, mask)
    there, back = block.ahead.forward, block.behind.forward
    block.ahead.forward = lambda values: torch.zeros_like(there(values))
    behind = block(x, mask)
    other = x.clone()
    other[:, 2] += 1
    changed = (block(other, mask) - behind).abs().amax(dim=2) > 1e-7
    assert changed.tolist() == [[True] * 3 + [False] * 5] * 2
    block.ahead.forward, block.behind.forward = there, lambda values: torch.zeros_like(back(values))
    torch.testing.assert_close(whole, block(x, mask) + behind)
    block.behind.forward, block.combine = back, "sum"
    torch.testing.assert_close(whole, share * block(x, mask))


def test_it_starts_as_published():
    """A from -1 to -state in each channel, D of 1, softplus of delta's bias from .001 to .1, log-uniform."""
    torch.manual_seed(0)
    ssm = Mamba(512, state=4).ahead
    torch.testing.assert_close(-ssm.a_log.exp(), -torch.arange(1, 5.0).expand(1024, 4))
    assert bool((ssm.skip == 1).all())
    delta = torch.nn.functional.softplus(ssm.dt_proj.bias).detach()
    assert delta.min() > 0.99e-3 and delta.max() < 0.101 and 0.009 < delta.median() < 0.011
    assert ssm.rank == 32 and Mamba(40).ahead.rank == 3, "width / 16, rounded up"


def test_flip_real_leaves_padding_where_it_is():
    mask = torch.tensor([[True, True, True, False], [True, False, False, False]])
    values = torch.arange(8.0).reshape(2, 4, 1)
    assert flip_real(values, mask).squeeze(-1).tolist() == [[2, 1, 0, 3], [4, 5, 6, 7]]
    assert torch.equal(flip_real(flip_real(values, mask), mask), values)


@pytest.mark.parametrize(("reverse", "equal"), [("real", True), ("padded", False)])
def test_only_the_published_flip_reads_padding(reverse, equal):
    torch.manual_seed(0)
    block = MambaStack(6, 2, 0.0, {"state": 4, "both": True, "reverse": reverse}).eval()
    x = torch.randn(1, 4, 6)
    padded = torch.cat([x, torch.zeros(1, 3, 6)], dim=1)
    mask = torch.arange(7).unsqueeze(0) < 4
    gap = (block(x, torch.ones(1, 4, dtype=torch.bool)) - block(padded, mask)[:, :4]).abs().max()
    assert (gap < 1e-6) == equal


def test_one_step_works():
    assert Mamba(4, both=True)(torch.randn(3, 1, 4)).shape == (3, 1, 4)


def told(both):
    """How often the bit before and the bit after are read off right."""
    torch.manual_seed(0)
    into, stack, out = (
        torch.nn.Linear(6, 16),
        MambaStack(16, 2, 0.0, {"state": 8, "both": both}),
        torch.nn.Linear(16, 4),
    )
    optimiser = torch.optim.Adam([*into.parameters(), *stack.parameters(), *out.parameters()], lr=3e-3)

    def draw(n):
        x, bit = torch.randn(n, 10, 6), torch.randint(0, 2, (n, 10))
        x[:, :, 0] = bit * 2 - 1
        none = torch.zeros(n, 1, dtype=torch.int64)
        return x, 2 * torch.cat([none, bit[:, :-1]], dim=1) + torch.cat([bit[:, 1:], none], dim=1)

    for _ in range(300):
        x, y = draw(32)
        loss = torch.nn.functional.cross_entropy(out(stack(into(x))).flatten(0, 1), y.flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    x, y = draw(200)
    right = out(stack(into(x))).argmax(dim=-1)[:, 1:-1], y[:, 1:-1]
    return [(part(right[0]) == part(right[1])).float().mean().item() for part in (lambda v: v // 2, lambda v: v % 2)]


def test_both_ways_read_the_bit_before_and_the_bit_after():
    before, after = told(both=True)
    assert before > 0.98 and after > 0.98


def test_one_way_reads_the_bit_before_only():
    before, after = told(both=False)
    assert before > 0.98 and 0.45 < after < 0.55
