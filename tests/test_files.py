"""Shipped data: found, verified, typed, written whole."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from lonely_analysis import files
from lonely_analysis.errors import DataError


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A data directory with one table and one text file, listed."""
    (tmp_path / "published").mkdir()
    (tmp_path / "published/table.csv").write_text("id,n,share,asked\na,1,0.5,true\nb,,,\n")
    (tmp_path / "claims.yml").write_text("claims: []\n")
    (tmp_path / files.PACKAGE).write_text('{"name": "test", "resources": []}')
    monkeypatch.setattr(files, "data_dir", lambda: tmp_path)
    files.update_package()
    return tmp_path


def test_every_file_under_data_is_listed_with_the_hash_it_has():
    listed = files.resources()
    assert list(listed) == files._present(), "run python -m lonely_analysis.files"
    for path in listed:
        files.data_file(path)


def test_every_column_that_is_shipped_is_described():
    for path, entry in files.resources().items():
        assert entry["source"], path
        assert entry["licence"], path
        for field in entry.get("schema", {}).get("fields", []):
            assert field["description"].strip(), f"{path}: {field['name']} has no description"


def test_a_changed_byte_is_an_error_that_names_the_file(shipped):
    files.data_file("published/table.csv")
    (shipped / "published/table.csv").write_text("id,n,share,asked\na,2,0.5,true\nb,,,\n")
    with pytest.raises(DataError, match=r"published/table\.csv is not the file that was shipped"):
        files.data_file("published/table.csv")


def test_a_missing_file_and_an_unlisted_name_are_errors(shipped):
    (shipped / "claims.yml").unlink()
    with pytest.raises(DataError, match=r"claims\.yml is in data/datapackage\.json but not on disk"):
        files.data_file("claims.yml")
    with pytest.raises(DataError, match=r"it lists published/table\.csv"):
        files.data_file("published/tabel.csv")


@pytest.mark.parametrize(
    "name", ["../pyproject.toml", "/etc/passwd", "published/../../x", "published\\table.csv"]
)
def test_no_name_leaves_the_data_directory(shipped, name):
    with pytest.raises(DataError, match="leaves the data directory"):
        files.data_file(name)


def test_a_link_out_of_the_data_directory_is_refused(shipped):
    (shipped / "published/table.csv").unlink()
    (shipped / "published/table.csv").symlink_to("/etc/hostname")
    with pytest.raises(DataError, match="leaves the data directory"):
        files.data_file("published/table.csv")


def test_whole_numbers_and_yes_no_columns_keep_their_types_beside_missing_values(shipped):
    package = json.loads((shipped / files.PACKAGE).read_text())
    (entry,) = [entry for entry in package["resources"] if entry["path"] == "published/table.csv"]
    for field, kind in zip(
        entry["schema"]["fields"], ["string", "integer", "number", "boolean"], strict=True
    ):
        field["type"] = kind
    (shipped / files.PACKAGE).write_text(json.dumps(package))
    table = files.read_table("published/table.csv")
    assert table.dtypes.astype(str).tolist() == ["str", "Int64", "float64", "boolean"]
    assert table.loc[1].isna().tolist() == [False, True, True, True]
    assert table.attrs["path"] == "published/table.csv"


def test_a_text_file_is_no_table(shipped):
    with pytest.raises(DataError, match="is no table"):
        files.read_table("claims.yml")


def test_updating_keeps_what_was_written_about_a_file_and_forgets_what_is_gone(shipped):
    package = json.loads((shipped / files.PACKAGE).read_text())
    package["resources"][1]["schema"]["fields"][0]["description"] = "name of the row"
    (shipped / files.PACKAGE).write_text(json.dumps(package))
    (shipped / "claims.yml").unlink()
    (shipped / "published/table.csv").write_text("id,n\nc,3\n")
    (shipped / "published/new.csv").write_text("id\nd\n")
    assert files.update_package() == {
        "new": ["published/new.csv"],
        "changed": ["published/table.csv"],
        "gone": ["claims.yml"],
    }
    fields = files.resources()["published/table.csv"]["schema"]["fields"]
    assert [field["name"] for field in fields] == ["id", "n"]
    assert fields[0]["description"] == "name of the row"


def test_readers_own_files_are_never_listed(shipped):
    (shipped / "raw").mkdir()
    (shipped / "raw/euls.dta").write_bytes(b"private")
    assert files.update_package()["new"] == []


def test_a_broken_list_of_files_says_so(shipped):
    (shipped / files.PACKAGE).write_text("{")
    with pytest.raises(DataError, match=r"datapackage\.json cannot be read"):
        files.resources()


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    target = tmp_path / "kept.txt"
    files.write_atomically(target, b"old")

    def broken(self, other):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        files.write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_is_hashed_once_in_a_process(monkeypatch):
    name = next(path for path in files.resources("published") if path.endswith(".csv"))
    files.data_file(name)
    hashed = []
    monkeypatch.setattr(files.hashlib, "file_digest", lambda *a: hashed.append(a))
    files.data_file(name)
    assert not hashed


def test_an_installed_package_without_a_checkout_finds_its_own_copy(tmp_path, monkeypatch):
    package = tmp_path / "site-packages/lonely_analysis"
    (package / "_data").mkdir(parents=True)
    (package / "_data" / files.PACKAGE).write_text('{"resources": []}')
    monkeypatch.setattr(files, "__file__", str(package / "files.py"))
    assert files.data_dir.__wrapped__() == package / "_data"
    (package / "_data" / files.PACKAGE).unlink()
    with pytest.raises(DataError, match="install it from a wheel or a checkout"):
        files.data_dir.__wrapped__()


def test_parquet_is_read_as_it_was_written(shipped):
    frame = pd.DataFrame({"id": ["a", "b"], "n": pd.array([1, None], dtype="Int64")})
    frame.to_parquet(shipped / "published/more.parquet")
    files.update_package()
    pd.testing.assert_frame_equal(files.read_table("published/more.parquet"), frame, check_dtype=False)


def test_the_wheel_carries_every_module_asset_and_listed_file_and_no_readers_file(tmp_path):
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    held = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    sources = [path for path in (root / "src").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert {path.relative_to(root / "src").as_posix() for path in sources} <= held
    assert {f"lonely_analysis/_data/{path}" for path in (files.PACKAGE, *files.resources())} <= held
    assert not [name for name in held if name.startswith("lonely_analysis/_data/raw/")]
