"""The command line as a shell sees it: exit codes, what goes to stdout and stderr, and how long it takes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from lonely_analysis import cli

sys.path.insert(0, str(Path(__file__).parent / "surveys"))
import survey_samples as samples

"""From the shell to a finished table of the EU survey, on an idle machine."""


@pytest.fixture
def euls(tmp_path):
    return samples.write_dta(samples.euls(), tmp_path / "euls.dta")


def run(capsys, *arguments):
    code = cli.main([str(argument) for argument in arguments])
    out = capsys.readouterr()
    for line in out.err.splitlines():
        assert len(line) < 600
        assert "Traceback" not in line
    return code, out.out, out.err


def test_check_of_a_good_file_says_what_it_gives_and_succeeds(capsys, euls):
    code, out, err = run(capsys, "check", "--survey", "euls", "--file", euls)
    assert (code, err) == (0, "")
    for words in ("EU Loneliness Survey 2022", "240 persons", "lonely_freq", "refused", "Chapters"):
        assert words in out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda frame: frame.drop(columns="gender"), "gender is absent"),
        (lambda frame: frame.assign(trust=77.0), "77 (240 rows)"),
        (lambda frame: pd.concat([frame, frame.head(1)]), "repeat"),
        (lambda frame: frame.assign(w_country=-1.0), "negative"),
    ],
    ids=["column", "code", "ids", "weight"],
)
def test_check_fails_for_each_kind_of_problem(capsys, tmp_path, change, says):
    path = samples.write_csv(change(samples.euls()), tmp_path / "bad.csv")
    code, _, err = run(capsys, "check", "--survey", "euls", "--file", path)
    assert code == 1
    assert says in err


def test_check_prints_one_message_a_problem(capsys, tmp_path):
    wrong = samples.euls().assign(trust=77.0, w_country=-1.0).drop(columns="gender")
    code, _, err = run(
        capsys, "check", "--survey", "euls", "--file", samples.write_csv(wrong, tmp_path / "b.csv")
    )
    assert code == 1
    assert len(err.splitlines()) == 3
    assert "problem 3 of 3" in err


@pytest.mark.parametrize("form", ["csv", "json"])
def test_prevalence_prints_full_digits_that_can_be_piped(capsys, euls, form):
    import lonely_analysis as la

    code, out, err = run(
        capsys, "prevalence", "--survey", "euls", "--file", euls, "--outcome", "lonely", "--by", "country",
        "--format", form,
    )  # fmt: skip
    table = pd.read_csv(io.StringIO(out)) if form == "csv" else pd.DataFrame(json.loads(out))
    expected = la.prevalence(la.read_survey("euls", euls), "lonely", by="country").to_frame()
    assert (code, err) == (0, "")
    assert table["country"].tolist() == expected["country"].tolist()
    assert table["estimate"].tolist() == pytest.approx(expected["estimate"].tolist(), abs=1e-14)


def test_prevalence_as_a_table_is_in_per_cent_by_several_columns(capsys, euls):
    arguments = ("prevalence", "--survey", "euls", "--file", euls, "--outcome", "lonely")
    code, out, _ = run(capsys, *arguments, "--by", "country,sex", "--where", "age >= 30")
    assert code == 0
    assert "per cent" in out
    assert "FR" in out and "female" in out  # noqa: PT018 - one table


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("prevalence", "--survey", "euls", "--outcome", "cognition"), "has no variable 'cognition'"),
        (
            ("prevalence", "--survey", "euls", "--outcome", "lonely", "--by", "planet"),
            "has no variable 'planet'",
        ),
        (("check", "--survey", "ess"), "use --survey euls"),
        (("check", "--survey", "nhanes"), "read from a folder"),
        (("check", "--survey", "share"), "no survey is called 'share'"),
        (("snapshot", "--survey", "share"), "no survey is called 'share'"),
    ],
)
def test_a_wrong_question_is_one_short_message(capsys, euls, arguments, says):
    code, out, err = run(capsys, *arguments, "--file", euls)
    assert code == 1
    assert says in err
    assert len(err.splitlines()) == 1
    assert out == ""


def test_an_unexpected_error_is_one_message_too(capsys, euls, monkeypatch):
    def explode(*_):
        raise RuntimeError("x" * 2000)

    monkeypatch.setattr("lonely_analysis.surveys.checkup.checkup", explode)
    code, _, err = run(capsys, "check", "--survey", "euls", "--file", euls)
    assert code == 1
    assert err.startswith("lonely: unexpected RuntimeError")


def test_missing_options_are_told_with_exit_code_two(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["prevalence", "--survey", "synthetic"])
    assert stop.value.code == 2
    assert len(capsys.readouterr().err) < 600


def test_simulate_writes_where_it_is_told_and_leaves_the_shipped_files_alone(capsys, tmp_path, monkeypatch):
    from lonely_analysis.surveys.synthetic import store

    asked = []
    monkeypatch.setattr(
        store, "write", lambda folder, seed: asked.append((folder, seed)) or [folder / "a.parquet"]
    )
    code, out, err = run(capsys, "simulate", "--out", tmp_path, "--seed", 7)
    assert (code, err, asked) == (0, "", [(tmp_path, 7)])
    assert out.strip() == str(tmp_path / "a.parquet")


def test_nothing_is_written_beside_the_file(capsys, euls):
    before = sorted(euls.parent.iterdir())
    run(capsys, "check", "--survey", "euls", "--file", euls)
    assert sorted(euls.parent.iterdir()) == before


def test_python_dash_m_is_the_same_command_without_progress_or_warnings(euls):
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "default",
            "-m",
            "lonely_analysis",
            "check",
            "--survey",
            "euls",
            "--file",
            euls,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == ""


def test_a_pipe_that_closes_early_is_no_error(euls):
    command = f'"{sys.executable}" -m lonely_analysis check --survey euls --file "{euls}" | head -1'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.startswith("Survey")


def test_the_real_eu_survey_becomes_a_table_from_the_shell():
    path = samples.real("euls", "*.dta")
    command = [sys.executable, "-m", "lonely_analysis", "prevalence", "--survey", "euls", "--file", str(path)]
    done = subprocess.run(
        [*command, "--outcome", "lonely", "--by", "country"], capture_output=True, text=True, check=True
    )
    assert "8.14" in done.stdout


def test_a_build_without_the_books_packages_says_how_to_get_them(capsys, monkeypatch):
    def build(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'nbformat'", name="nbformat")

    monkeypatch.setattr(cli, "_build", build)
    code, out, err = run(capsys, "build")
    assert (code, out) == (1, "")
    assert "nbformat is not installed" in err
    assert "lonely-analysis[book]" in err
