"""``sessionzero init``: what it proposes, that it writes it, and that it overwrites nothing."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from commands import SERVICE, call, command, environment, write
from composite import CHECKOUT, load
from sessionzero import HOMEPAGE, __version__
from sessionzero.cli.proposals import CONFIG, HOOKS, WORKFLOW, workflow
from sessionzero.config import load_config

LIBRARY = 'void open_it(void) { CreateEventW(0, 0, 0, L"ready"); }\n'
MINE = "# mine\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with the service in ``service.c``."""
    write(tmp_path / ".git/HEAD", "ref: refs/heads/main\n")
    write(tmp_path / "service.c", SERVICE)
    return tmp_path


def written(folder: Path) -> set[str]:
    """All files of a project but the cache and git's."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not {".cache", ".git"} & set(path.parts)
    }


# --- what is written, and when ---


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_without_a_yes_nothing_is_written(arguments: tuple[str, ...], project: Path) -> None:
    code, out, err = call(project, "init", *arguments)
    assert (code, err, written(project)) == (0, "", {"service.c"})
    assert out.endswith("Nothing is written. To write it: sessionzero init --write\n")


def test_what_is_shown_is_what_is_written(project: Path) -> None:
    shown = call(project, "init").out
    code, out, _ = call(project, "init", "--write")
    assert (code, written(project)) == (0, {"service.c", CONFIG, HOOKS, WORKFLOW})
    assert f"\nWritten: {CONFIG}, {HOOKS}, {WORKFLOW}.\n" in out
    for name in (CONFIG, HOOKS, WORKFLOW):
        lines = (project / name).read_text(encoding="utf-8").splitlines()
        body = "".join(f"  | {line}".rstrip() + "\n" for line in lines)
        assert f"{name} will be written in {project}:\n{body}" in shown


def test_a_second_time_there_is_nothing_to_write(project: Path) -> None:
    call(project, "init", "--write")
    before = {name: (project / name).read_bytes() for name in written(project)}
    code, out, _ = call(project, "init", "--write")
    assert (code, out.splitlines()[-1]) == (0, "There is nothing to write.")
    assert {name: (project / name).read_bytes() for name in written(project)} == before


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("answer", "files"), [("y", 4), ("n", 1), ("", 1)])
def test_a_person_is_asked(answer: str, files: int, project: Path) -> None:
    master, slave = os.openpty()
    with subprocess.Popen(
        command("init"),
        cwd=project,
        env=environment(project),
        stdin=slave,
        stdout=slave,
        stderr=slave,
    ) as process:
        os.close(slave)
        os.write(master, f"{answer}\n".encode())
        said = b""
        try:
            while part := os.read(master, 65_536):
                said += part
        except OSError:  # how Linux says that nobody is left on the other side
            pass
    os.close(master)
    assert b"Write this? [y/N]" in said
    assert (process.returncode, len(written(project))) == (0, files)


@pytest.mark.parametrize("name", [CONFIG, HOOKS, WORKFLOW])
def test_a_file_that_is_there_stays(name: str, project: Path) -> None:
    write(project / name, MINE)
    code, out, _ = call(project, "init", "--write")
    assert (code, (project / name).read_text(encoding="utf-8")) == (0, MINE)
    assert written(project) == {"service.c", CONFIG, HOOKS, WORKFLOW}
    assert re.search(rf"^{re.escape(name)} is (there|the configuration) already", out, re.MULTILINE)


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
@pytest.mark.parametrize("name", [CONFIG, HOOKS, WORKFLOW])
def test_a_link_that_leads_nowhere_is_not_written_through(name: str, project: Path) -> None:
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).symlink_to(project / "elsewhere")
    assert call(project, "init", "--write").code == 0
    assert not (project / "elsewhere").exists()


def test_the_root_of_the_repository_gets_the_files(project: Path) -> None:
    write(project / "deep/inside/readme.txt", "")
    assert call(project / "deep/inside", "init", "--write").code == 0
    assert {CONFIG, HOOKS, WORKFLOW} < written(project)
    assert written(project / "deep") == {"inside/readme.txt"}


def test_a_folder_without_repository_gets_them_itself(tmp_path: Path) -> None:
    write(tmp_path / "agent/service.c", SERVICE)
    assert call(tmp_path, "init", "agent", "--write").code == 0
    assert written(tmp_path / "agent") == {"service.c", CONFIG, HOOKS, WORKFLOW}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--write", "--dry-run"), "--write writes and --dry-run doesn't; give one"),
        (("nowhere",), "nowhere: there is no such folder"),
        (("service.c",), "service.c: there is no such folder"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...], message: str, project: Path) -> None:
    code, out, err = call(project, "init", *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_what_cannot_be_written_is_said(project: Path) -> None:
    write(project / ".github", "a file where a folder must be\n")
    code, _, err = call(project, "init", "--write")
    assert code == 2
    assert f"{WORKFLOW}: can't be written: " in err


# --- the configuration ---


def config_of(project: Path) -> str:
    assert call(project, "init", "--write").code == 0
    return (project / CONFIG).read_text(encoding="utf-8")


def test_the_configuration_says_what_was_understood(project: Path) -> None:
    write(project / "tray/tray.c", "int WINAPI wWinMain(void) { return 0; }\n")
    text = config_of(project)
    assert text.startswith("# What sessionzero understands by itself:\n#   service   service  ser")
    assert "\n#   client    tray  tray/tray.c:1\n" in text


def test_a_written_configuration_changes_no_finding(project: Path) -> None:
    before = call(project, "check")
    config_of(project)
    assert call(project, "check") == before


def test_all_keys_that_it_shows_are_keys(project: Path) -> None:
    text = config_of(project)
    used = re.sub(r"^# (?=[a-z-]+ = )", "", text, flags=re.MULTILINE)
    assert used.count(" = ") == 4
    (project / CONFIG).write_text(used, encoding="utf-8")
    assert load_config(project / CONFIG).settings.services == ("folder/**",)


def test_without_a_service_it_says_so(tmp_path: Path) -> None:
    write(tmp_path / "library.c", LIBRARY)
    text = config_of(tmp_path)
    assert text.startswith("# sessionzero sees no service here.")
    assert "#   no program\n" in text


def test_many_programs_are_counted(tmp_path: Path) -> None:
    for number in range(13):
        write(tmp_path / f"p{number}/main.c", "int main(void) { return 0; }\n")
    text = config_of(tmp_path)
    assert text.count("#   client ") == 10
    assert "#   and 3 more\n" in text


def test_a_table_in_pyproject_is_a_configuration(project: Path) -> None:
    write(project / "pyproject.toml", "[tool.sessionzero]\n")
    out = call(project, "init", "--write").out
    assert "pyproject.toml is the configuration already.\n" in out
    assert CONFIG not in written(project)


def test_names_of_files_put_nothing_into_the_configuration(project: Path) -> None:
    write(project / "a\nexclude = ['b']/main.c", "int main(void) { return 0; }\n")
    config_of(project)
    assert load_config(project / CONFIG).settings.exclude == ()


# --- other people's code ---

CMAKE = """\
add_executable(agent service.c)
add_library(used STATIC third_party/used/used.c)
target_link_libraries(agent used)
"""


def test_folders_of_others_that_no_service_uses_are_left_out(project: Path) -> None:
    write(project / "third_party/lib.c", LIBRARY)
    write(project / "tray/vendor/lib.c", LIBRARY)
    assert 'exclude = ["/third_party/", "/tray/vendor/"]\n' in config_of(project)
    assert "lib.c" in call(project, "check", "--isolated").out
    assert "lib.c" not in call(project, "check").out


def test_a_folder_with_a_file_of_a_service_stays(project: Path) -> None:
    write(project / "third_party/service.c", SERVICE)
    assert "\nexclude" not in config_of(project)


def test_a_folder_with_a_library_that_a_service_links_stays(project: Path) -> None:
    write(project / "third_party/used/used.c", LIBRARY)
    write(project / "3rdparty/other.c", LIBRARY)
    write(project / "CMakeLists.txt", CMAKE)
    assert 'exclude = ["/3rdparty/"]\n' in config_of(project)


def test_a_folder_that_no_pattern_can_name_plainly_stays(project: Path) -> None:
    write(project / "a[b]/third_party/lib.c", LIBRARY)
    assert "\nexclude" not in config_of(project)


# --- pre-commit and the build ---


def test_the_entry_for_pre_commit_is_one(project: Path) -> None:
    call(project, "init", "--write")
    (repository,) = load(project / HOOKS)["repos"]
    assert repository == {
        "repo": HOMEPAGE,
        "rev": f"v{__version__}",
        "hooks": [{"id": "sessionzero"}],
    }


def test_an_entry_to_add_is_shown(project: Path) -> None:
    write(project / HOOKS, "repos:\n  - repo: local\n    hooks: []\n")
    out = call(project, "init").out
    assert f"{HOOKS} is there already; add to its 'repos':\n  |   - repo: {HOMEPAGE}\n" in out
    write(project / HOOKS, "repos:\n  - hooks:\n      - id: sessionzero\n")
    assert f"{HOOKS} has the entry already.\n" in call(project, "init").out


def test_the_workflow_is_that_of_the_examples(project: Path) -> None:
    call(project, "init", "--write")
    example = (CHECKOUT / "examples/ci/github.yml").read_text(encoding="utf-8")
    assert (project / WORKFLOW).read_text(encoding="utf-8") == example.partition("\n")[2]
    assert workflow() == example.partition("\n")[2]


@pytest.mark.parametrize("name", [".gitlab-ci.yml", "azure-pipelines.yml", "Jenkinsfile"])
def test_where_another_service_builds_an_example_is_named(name: str, project: Path) -> None:
    write(project / name, MINE)
    out = call(project, "init", "--write").out
    assert WORKFLOW not in written(project)
    (shown,) = re.findall(rf"{HOMEPAGE}/blob/v{__version__}/(\S+)", out)
    assert (CHECKOUT / shown).is_file()
    write(project / ".github/dependabot.yml", "version: 2\n")
    call(project, "init", "--write")
    assert WORKFLOW in written(project)


@pytest.mark.parametrize("folder", ["external", "vendors", "deps", "my_third_party_lib"])
def test_a_folder_that_may_be_the_projects_own_stays(folder: str, project: Path) -> None:
    write(project / folder / "lib.c", LIBRARY)
    assert "\nexclude" not in config_of(project)


def test_the_entry_for_pre_commit_names_a_hook_that_there_is(project: Path) -> None:
    call(project, "init", "--write")
    (repository,) = load(project / HOOKS)["repos"]
    hooks = {hook["id"] for hook in load(CHECKOUT / ".pre-commit-hooks.yaml")}
    assert {hook["id"] for hook in repository["hooks"]} <= hooks
