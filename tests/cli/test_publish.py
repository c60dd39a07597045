"""What publishing puts in force: templates, policy and channels, told to the ledger and repeatable from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shop import CART, JOURNEY, POLICY, Shell, event, person
from wayfare.app.book import make_book
from wayfare.app.workspace import Workspace, open_workspace
from wayfare.config.workspace import load
from wayfare.engine.refold import refold
from wayfare.ground.errors import Refused
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Log


def _fill(workspace: Workspace, user: str, at: str) -> None:
    workspace.ingest([
        *person(user, email=f"{user}@example.com"),
        event(user, "Cart Filled", f"{at}:00:00", price=200),
        event("clock", "Page Seen", f"{int(at) + 1}:30:00"),
    ])  # fmt: skip


def _mails(workspace: Workspace) -> dict[str, tuple[str, str]]:
    """User → (state, what the mail says), by the name in its address."""
    return {
        row["address"].partition("@")[0]: (row["state"], row["content"].get("body", "").strip())
        for row in workspace.table("messages")
    }


def test_an_edited_template_goes_out_once_it_is_published(shell: Shell) -> None:
    with open_workspace(shell.root) as workspace:
        first = workspace.publish("rescue")
        assert first["definitions"] == ["policy.yaml", "templates/cart"]
        _fill(workspace, "ann", "09")
        (shell.root / "templates/cart.liquid").write_text(CART.replace("Come back.", "Hurry."))
        _fill(workspace, "ben", "11")
        again = workspace.publish("rescue")
        assert (again["version"], again["change"], again["definitions"]) == (1, "same", ["templates/cart"])
        _fill(workspace, "cat", "13")
        assert workspace.publish("rescue")["definitions"] == []
        said = {user: text for user, (_, text) in _mails(workspace).items()}
    assert said == {"ann": "Come back.", "ben": "Come back.", "cat": "Hurry."}


def test_a_restart_goes_by_what_was_published(shell: Shell) -> None:
    shell("publish", "rescue")
    (shell.root / "templates/cart.liquid").write_text(CART.replace("Come back.", "Half wri"))
    (shell.root / "policy.yaml").write_text("caps: [{max: 1, per: day, window: calendar}]\n")
    with open_workspace(shell.root) as workspace:
        _fill(workspace, "ann", "09")
        assert _mails(workspace)["ann"] == ("sent", "Come back.")
    found = shell("plan")
    assert (found.code, "policy.yaml, templates/cart" in found.out) == (0, True), found


def test_apply_puts_policy_and_channels_in_force(shell: Shell) -> None:
    with open_workspace(shell.root) as workspace:
        workspace.publish("rescue")
        (shell.root / "policy.yaml").write_text(POLICY + "caps: [{max: 1, per: day, window: calendar}]\n")
        (shell.root / "channels").mkdir()
        (shell.root / "channels/email.yaml").write_text("kind: inbox\naddress: profile.traits.work\n")
        assert workspace.plan()["definitions"] == ["policy.yaml", "channels/email"]
        assert workspace.apply()["definitions"] == ["policy.yaml", "channels/email"]
        assert workspace.plan()["definitions"] == workspace.apply()["definitions"] == []
        workspace.ingest([{"type": "identify", "userId": "ann", "traits": {"work": "ann.work@x.io"},
                           "timestamp": "2026-03-01T08:00:00+08:00", "messageId": "w"}])  # fmt: skip
        _fill(workspace, "ann", "09")
        assert {row["address"]: row["state"] for row in workspace.table("messages")} == {
            "ann.work@x.io": "sent"
        }
        assert workspace.writer.book.policy.caps[0].limit == 1


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("policy.yaml", "caps: 7\n", "WF4003"),
        ("policy.yaml", "priority: [{journey: a, over: [b]}]\n", "WF0001"),
        ("channels/sms.yaml", "kind: inbx\n", "WF4"),
        ("templates/cart.liquid", "---\nchannel: email\n---\n{{ customer.a | nope }}", "WF4102"),
    ],
)
def test_nothing_is_published_by_halves(shell: Shell, path: str, text: str, code: str) -> None:
    with open_workspace(shell.root) as workspace:
        workspace.publish("rescue")
        (shell.root / path).parent.mkdir(exist_ok=True)
        (shell.root / path).write_text(text)
        (shell.root / "journeys/rescue.yaml").write_text(JOURNEY.replace("for: 1h", "for: 2h"))
        for verb in (workspace.apply, lambda: workspace.publish("rescue")):
            with pytest.raises(Refused) as refused:
                verb()
            assert refused.value.code == "WF6914" and refused.value.where.startswith(path)
            assert code in refused.value.what("en") and code in refused.value.what("zh")
            assert refused.value.what("zh") != refused.value.what("en")
        assert workspace.cards()[0]["version"] == 1


def test_a_draft_with_errors_is_told_by_plan(shell: Shell) -> None:
    (shell.root / "journeys/rescue.yaml").write_text(JOURNEY.replace("next: mail", "next: mial"))
    found = shell("plan", "--lang", "zh")
    assert (found.code, "rescue：有错误，无法发布" in found.out, "WF1021" in found.out) == (1, True, True)


def test_the_refold_repeats_every_byte(shell: Shell, tmp_path: Path) -> None:
    with open_workspace(shell.root) as workspace:
        workspace.publish("rescue")
        _fill(workspace, "ann", "09")
        (shell.root / "templates/cart.liquid").write_text(
            CART.replace("Come back.", "Hurry, {{ profile.id }}.")
        )
        (shell.root / "policy.yaml").write_text(
            "caps: [{class: marketing, max: 1, per: 7d, window: rolling}]\n"
        )
        workspace.apply()
        _fill(workspace, "ben", "11")
        sent = _mails(workspace)
    for path in ("templates/cart.liquid", "policy.yaml"):
        (shell.root / path).unlink()
    config = load(shell.root)
    store, fresh = LiveStore.open(config.data / "live.db"), LiveStore.open(tmp_path / "fresh.db")
    log = Log.open(config.data / "log", lambda: 0)
    try:
        refold(log, store, fresh, make_book(config), by_log=True)
        assert fresh.state_hash() == store.state_hash()
        assert {one.content["body"].strip() for one in fresh.messages().items} == {
            text for _, text in sent.values()
        }
    finally:
        log.close()
        store.close()
        fresh.close()


def test_a_command_of_before_goes_by_the_files(shell: Shell) -> None:
    with open_workspace(shell.root) as workspace:
        document = load(shell.root).journeys["rescue"].data
        workspace.writer.call("publish", {"journey": "rescue", "version": 1, "document": document})
        _fill(workspace, "ann", "09")
        assert _mails(workspace)["ann"] == ("sent", "Come back.")
        assert workspace.writer.book.told == {}


def test_no_secret_is_told_to_the_ledger(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    (shell.root / "channels").mkdir()
    with open_workspace(shell.root) as workspace:
        (shell.root / "channels/email.yaml").write_text("kind: inbox\nnote: env:SHOP_SECRET\n")
        with pytest.raises(Refused, match="WF6907"):
            workspace.publish("rescue")
        monkeypatch.setenv("SHOP_SECRET", "hunter2-hunter2")
        workspace.publish("rescue")
        (told,) = workspace.store.commands()
    assert told.data["channels"] == {"email": {"kind": "inbox", "note": "env:SHOP_SECRET"}}
    kept = b"".join(path.read_bytes() for path in (shell.root / "data").rglob("*") if path.is_file())
    assert b"hunter2" not in kept and b"SHOP_SECRET" in kept
