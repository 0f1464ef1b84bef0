"""Passwords that come from another system still open the account, and what is kept of them gives nothing away."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata

import bcrypt
import pytest
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    BCryptSHA256PasswordHasher,
    PBKDF2PasswordHasher,
    PBKDF2SHA1PasswordHasher,
    ScryptPasswordHasher,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from passlib import hash as libpass

from retrouve.config.server_file import HashingCost
from retrouve.directories import blank_hashes, imported_hash
from retrouve.directories.fast_hashes import FAST, digest_in
from retrouve.directories.hashing import Hashing
from retrouve.directories.old_hashes import (
    HashRefusal,
    SaltPlace,
    UnusableHashError,
    do_the_work,
    is_old,
    read_old_hash,
    spellings,
    stored_form,
    verify_old,
    work_of,
)
from retrouve.directories.slow_hashes import SLOW
from retrouve.domain.secret import Secret

HASHING = Hashing(HashingCost(memory_kib=8, time=1, parallelism=1, at_once=4))
PASSWORD = "Ancien-mot2passe"
WRONG = Secret("Ancien-mot2passé")
FORTY = "." * 40


def made_by_django(hasher, **parameters):
    for name, value in parameters.items():
        setattr(hasher, name, value)
    return hasher.encode(PASSWORD, hasher.salt())


def raw_argon2(**parameters):
    return made_by_django(Argon2PasswordHasher(), **{"memory_cost": 16, "time_cost": 1, "parallelism": 1, **parameters})


def by_bcrypt(prefix=b"2b"):
    return bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4, prefix=b"2b")).replace(b"2b", prefix, 1).decode()


def in_base64(algorithm, salt=b""):
    return base64.b64encode(hashlib.new(algorithm, PASSWORD.encode() + salt).digest() + salt).decode()


def in_hexadecimal(algorithm):
    return hashlib.new(algorithm, PASSWORD.encode()).hexdigest()


def in_crypt(algorithm):
    return getattr(libpass, f"ldap_{algorithm}_crypt").using(rounds=1000).hash(PASSWORD)


SLOW_ONES = {
    "bcrypt 2a": (by_bcrypt(b"2a"), "bcrypt", "bcrypt:4"),
    "bcrypt 2b": (by_bcrypt(), "bcrypt", "bcrypt:4"),
    "bcrypt 2y": (by_bcrypt(b"2y"), "bcrypt", "bcrypt:4"),
    "bcrypt in LDAP": ("{CRYPT}" + by_bcrypt(), "bcrypt", "bcrypt:4"),
    "sha256_crypt": (libpass.sha256_crypt.using(rounds=5000).hash(PASSWORD), "sha256_crypt", "sha256_crypt:5000"),
    "sha512_crypt": (libpass.sha512_crypt.using(rounds=1000).hash(PASSWORD), "sha512_crypt", "sha512_crypt:1000"),
    "sha256_crypt in LDAP": (in_crypt("sha256"), "sha256_crypt", "sha256_crypt:1000"),
    "sha512_crypt in LDAP": (in_crypt("sha512"), "sha512_crypt", "sha512_crypt:1000"),
    "Django's PBKDF2": (made_by_django(PBKDF2PasswordHasher(), iterations=20), "pbkdf2_sha256", "pbkdf2_sha256:20"),
    "Django's old PBKDF2": (made_by_django(PBKDF2SHA1PasswordHasher(), iterations=20), "pbkdf2_sha1", "pbkdf2_sha1:20"),
    "Django's bcrypt": (made_by_django(BCryptSHA256PasswordHasher(), rounds=4), "bcrypt_sha256", "bcrypt_sha256:4"),
    "Django's scrypt": (made_by_django(ScryptPasswordHasher(), work_factor=16), "scrypt", "scrypt:16,8,5"),
    "Django's Argon2": (raw_argon2(), "argon2", "argon2id:16,1,1"),
    "Argon2": (raw_argon2(time_cost=2).removeprefix("argon2"), "argon2", "argon2id:16,2,1"),
}  # fmt: skip
FAST_ONES = {
    "MD5": (in_hexadecimal("md5"), "hex_md5", ""),
    "MD5 in capitals": (in_hexadecimal("md5").upper(), "hex_md5", ""),
    "SHA-1": (in_hexadecimal("sha1"), "hex_sha1", ""),
    "SHA-256": (in_hexadecimal("sha256"), "hex_sha256", ""),
    "{MD5}": (f"{{MD5}}{in_base64('md5')}", "ldap_md5", ""),
    "{SHA}": (f"{{SHA}}{in_base64('sha1')}", "ldap_sha1", ""),
    "{SHA256}": (f"{{SHA256}}{in_base64('sha256')}", "ldap_sha256", ""),
    "{SHA512}": (f"{{SHA512}}{in_base64('sha512')}", "ldap_sha512", ""),
    "{SMD5}": (libpass.ldap_salted_md5.hash(PASSWORD), "ldap_salted_md5", ""),
    "{SSHA}": (libpass.ldap_salted_sha1.hash(PASSWORD), "ldap_salted_sha1", ""),
    "{ssha}": (libpass.ldap_salted_sha1.hash(PASSWORD).replace("SSHA", "ssha"), "ldap_salted_sha1", ""),
    "{SSHA} with a long salt": (f"{{SSHA}}{in_base64('sha1', bytes(range(64)))}", "ldap_salted_sha1", ""),
    "{SSHA256}": (libpass.ldap_salted_sha256.hash(PASSWORD), "ldap_salted_sha256", ""),
    "{SSHA512}": (libpass.ldap_salted_sha512.hash(PASSWORD), "ldap_salted_sha512", ""),
    "phpass": (libpass.phpass.using(rounds=7).hash(PASSWORD), "phpass", "phpass:128"),
    "phpBB": (libpass.phpass.using(rounds=8, ident="H").hash(PASSWORD), "phpass", "phpass:256"),
    "md5_crypt": (libpass.md5_crypt.hash(PASSWORD), "md5_crypt", "md5_crypt:1000"),
    "md5_crypt in LDAP": (libpass.ldap_md5_crypt.hash(PASSWORD), "md5_crypt", "md5_crypt:1000"),
}
ALL = SLOW_ONES | FAST_ONES
each_format = pytest.mark.parametrize(("text", "family", "work"), ALL.values(), ids=ALL)

# Each is published with its format: by Openwall, Ulrich Drepper, the authors of Argon2, passlib, OpenLDAP, ASP.NET.
PUBLISHED = [
    ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("test12345", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"),
    ("0123456789ABCDE", "$1$12345678$aIccj83HRDBo6ux1bVx7D1"),
    ("test", "{CRYPT}$1$ec6XvcoW$ghEtNK2U1MC5l.Dwgi3020"),
    ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    (
        "Hello world!",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
    ),
    ("password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
    ("testing123", "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr"),
    ("testing1234", "{SMD5}UjFY34os/pnZQ3oQOzjqGu4yeXE="),
    ("password", "{SSHA256}x1tymSTVjozxQ2PtT46ysrzhZxbcskK0o2f8hEFx7fAQQmhtDSEkJA=="),
    ("password", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="),
    ("password", "{MD5}X03MO1qnZdYdgyfeuILPmQ=="),
    ("password", "5f4dcc3b5aa765d61d8327deb882cf99"),
    ("password", "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8"),
    ("password", "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"),
]
ASPNET = [
    ("AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==", "pbkdf2_sha256:10000"),
    ("AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==", "pbkdf2_sha1:2000"),
    ("AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw", "pbkdf2_sha512:50"),
    ("AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M", "pbkdf2_sha1:250"),
]


def kept(text, **salted):
    return stored_form(read_old_hash(text, **salted), HASHING)


def opens(stored, password):
    return verify_old(stored, password if isinstance(password, Secret) else Secret(password), HASHING)


def reason(text, **salted):
    with pytest.raises(UnusableHashError) as refused:
        read_old_hash(text, **salted)
    assert not text or text not in f"{refused.value!r} {refused.value}"
    return refused.value.reason


@each_format
def test_the_right_password_opens_and_a_wrong_one_does_not(text, family, work):
    old = read_old_hash(text)
    assert (old.family, old.work) == (family, work)
    stored = stored_form(old, HASHING)
    assert len(stored) <= imported_hash.LONGEST
    assert opens(stored, PASSWORD)
    assert not any(opens(stored, wrong) for wrong in (WRONG, "", "\0" + PASSWORD, PASSWORD.lower(), text, stored))


@pytest.mark.parametrize(("password", "text"), PUBLISHED)
def test_a_published_hash_opens_with_its_password(password, text):
    assert opens(kept(text), password)
    assert not opens(kept(text), password + "!")


@pytest.mark.parametrize(("text", "work"), ASPNET)
def test_a_hash_of_aspnet_identity_opens_with_its_password(text, work):
    assert read_old_hash(text).work == work
    assert opens(kept(text), "my password")
    assert not opens(kept(text), "My password")


def test_each_family_is_tried():
    assert {family for _, family, _ in ALL.values()} | {"aspnet_v2", "aspnet_v3"} == {*SLOW, *FAST}


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
@pytest.mark.parametrize("salt", ["sel", "$el$", "é✓", "a:b", "x" * 128])
@pytest.mark.parametrize("place", [SaltPlace.BEFORE, SaltPlace.AFTER])
def test_a_salt_kept_apart_is_taken_where_it_stood(algorithm, salt, place):
    parts = (salt, PASSWORD) if place is SaltPlace.BEFORE else (PASSWORD, salt)
    text = hashlib.new(algorithm, "".join(parts).encode()).hexdigest()
    stored = kept(text, salt=salt, salt_place=place)
    other = SaltPlace.AFTER if place is SaltPlace.BEFORE else SaltPlace.BEFORE
    assert opens(stored, PASSWORD)
    assert len(stored) <= imported_hash.LONGEST
    assert not opens(stored, WRONG)
    assert not opens(kept(text, salt=salt, salt_place=other), PASSWORD)
    assert not opens(kept(text), PASSWORD)


@pytest.mark.parametrize(
    ("text", "salt", "place"),
    [
        (in_hexadecimal("md5"), "sel", SaltPlace.NONE),
        (in_hexadecimal("md5"), "", SaltPlace.AFTER),
        (by_bcrypt(), "sel", SaltPlace.AFTER),
        (libpass.ldap_salted_sha1.hash(PASSWORD), "sel", SaltPlace.BEFORE),
    ],
    ids=["salt of no place", "place of no salt", "bcrypt", "ssha"],  # whose salts are drawn each time
)
def test_a_salt_whose_use_is_unclear_is_refused(text, salt, place):
    assert reason(text, salt=salt, salt_place=place) is HashRefusal.SALT_UNCLEAR


def test_a_file_with_salts_may_have_rows_that_hold_their_own():
    assert opens(kept(by_bcrypt(), salt="", salt_place=SaltPlace.AFTER), PASSWORD)


@pytest.mark.parametrize(("text", "family", "work"), FAST_ONES.values(), ids=FAST_ONES)
def test_no_fast_digest_stays_at_rest(text, family, work):
    old = read_old_hash(text)
    stored = stored_form(old, HASHING)
    value = digest_in(family, old.text, "", SaltPlace.NONE).value
    spelled = {value, old.text.rpartition("}")[2]}
    if re.fullmatch("[0-9a-f]+", value):
        raw = bytes.fromhex(value)
        spelled |= {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("=")}
    assert old.weak
    assert is_old(stored)
    assert not any(one.lower() in stored.lower() for one in spelled)
    assert work_of(stored) == work


@pytest.mark.parametrize(("text", "family", "work"), SLOW_ONES.values(), ids=SLOW_ONES)
def test_a_slow_hash_is_kept_as_it_is(text, family, work):
    stored = kept(text)
    assert stored.endswith(text.removeprefix("{CRYPT}"))
    assert is_old(stored) == (family != "argon2")
    assert work_of(stored) == ("" if family == "argon2" else work)


@pytest.mark.parametrize("text", [raw_argon2(), raw_argon2().removeprefix("argon2")], ids=["Django", "PHC"])
def test_argon2_of_others_is_kept_as_ours_and_told_from_it_by_its_work(text):
    assert kept(text) == "argon2$" + text.partition("$argon2id")[1][1:] + text.partition("$argon2id")[2]
    assert HASHING.verify(Secret(PASSWORD), kept(text))
    assert HASHING.outdated(kept(text))
    assert work_of(kept(text), HASHING) == "argon2id:16,1,1"
    assert work_of(HASHING.encode(Secret(PASSWORD)), HASHING) == ""


def test_a_hash_never_shows_in_what_is_printed():
    text = in_hexadecimal("md5")
    old = read_old_hash(text, salt="sel-du-compte", salt_place=SaltPlace.AFTER)
    assert text not in repr(old)
    assert "sel-du-compte" not in repr(old)


BOMBS = [
    ("$2b$15$" + "." * 53, "$2b$14$" + "." * 53),
    ("$2a$31$" + "." * 53, None),
    ("{CRYPT}$2y$31$" + "." * 53, None),
    ("bcrypt_sha256$$2b$15$" + "." * 53, "bcrypt_sha256$$2b$14$" + "." * 53),
    (f"pbkdf2_sha256$2000001$sel${'A' * 43}=", f"pbkdf2_sha256$2000000$sel${'A' * 43}="),
    (f"pbkdf2_sha1$9999999999$sel${'A' * 27}=", f"pbkdf2_sha1$2000000$sel${'A' * 27}="),
    ("$5$rounds=1000001$sel$" + "." * 43, "$5$rounds=1000000$sel$" + "." * 43),
    ("$6$rounds=999999999$sel$" + "." * 86, "$6$rounds=1000000$sel$" + "." * 86),
    (f"$argon2id$v=19$m=262145,t=1,p=1${FORTY}${FORTY}", f"$argon2id$v=19$m=262144,t=10,p=16${FORTY}${FORTY}"),
    (f"$argon2id$v=19$m=4194304,t=1,p=1${FORTY}${FORTY}", None),
    (f"argon2$argon2id$v=19$m=1024,t=11,p=1${FORTY}${FORTY}", None),
    (f"argon2$argon2id$v=19$m=1024,t=1,p=17${FORTY}${FORTY}", None),
    (f"scrypt$524288$sel$8$1${'A' * 86}==", f"scrypt$262144$sel$8$1${'A' * 86}=="),
    (f"scrypt$16384$sel$8$17${'A' * 86}==", f"scrypt$16384$sel$8$16${'A' * 86}=="),
    (f"scrypt$262144$sel$8$5${'A' * 86}==", f"scrypt$262144$sel$8$4${'A' * 86}=="),
    ("$P$F" + "." * 30, "$P$E" + "." * 30),
    ("$H$S" + "." * 30, None),
    (blank_hashes.aspnet.blank("sha512", 2_000_001), blank_hashes.aspnet.blank("sha512", 2_000_000)),
]


@pytest.mark.parametrize(("bomb", "bearable"), [(a.replace(FORTY, "A" * 40), b) for a, b in BOMBS])
def test_a_hash_that_costs_too_much_is_refused_and_none_that_costs_what_it_may__att_72(bomb, bearable):
    assert reason(bomb) is HashRefusal.TOO_COSTLY
    if bearable:
        assert read_old_hash(bearable.replace(FORTY, "A" * 40)).work


def test_a_row_that_was_altered_cannot_make_sign_in_costly__att_72():
    stored = kept(libpass.phpass.using(rounds=7).hash(PASSWORD))
    costly = base64.urlsafe_b64encode(b"$P$S" + b"." * 8).decode()
    altered = "$".join([*stored.split("$")[:2], costly, stored.split("$", 3)[3]])
    assert not opens(altered, PASSWORD)
    assert work_of(altered) == ""
    assert not opens("old$bcrypt$$2b$31$" + "." * 53, PASSWORD)
    assert work_of("old$bcrypt$$2b$31$" + "." * 53) == ""


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", HashRefusal.UNKNOWN_FORMAT),
        ("en-clair", HashRefusal.UNKNOWN_FORMAT),
        ("!", HashRefusal.UNKNOWN_FORMAT),
        ("0" * 31, HashRefusal.UNKNOWN_FORMAT),
        ("٣" * 32, HashRefusal.UNKNOWN_FORMAT),
        (in_hexadecimal("sha1") + "\n", HashRefusal.UNKNOWN_FORMAT),
        ("a" * 513, HashRefusal.TOO_LONG),
        (f"pbkdf2_sha256$1000${'s' * 445}${'A' * 43}=", HashRefusal.TOO_LONG),
        (f"{{SSHA}}{in_base64('sha1', bytes(129))}", HashRefusal.TOO_LONG),
        ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", HashRefusal.UNSUPPORTED),
        ("{CRYPT}$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o", HashRefusal.UNSUPPORTED),
        ("{CRYPT}ab0123456789.", HashRefusal.UNSUPPORTED),
        ("{CLEARTEXT}en-clair", HashRefusal.UNSUPPORTED),
        ("{SSHA384}AAAA", HashRefusal.UNSUPPORTED),
        ("$2x$05$" + "." * 53, HashRefusal.UNSUPPORTED),
        ("$apr1$sel$" + "." * 22, HashRefusal.UNSUPPORTED),
        ("md5$sel$" + "0" * 32, HashRefusal.UNSUPPORTED),
        ("$2b$04$tronque", HashRefusal.DAMAGED),
        ("$2b$03$" + "." * 53, HashRefusal.DAMAGED),
        ("$6$rounds=10$sel$" + "." * 86, HashRefusal.DAMAGED),
        ("$6$rounds=05000$sel$" + "." * 86, HashRefusal.DAMAGED),
        ("$1$sel$tronque", HashRefusal.DAMAGED),
        ("$P$5" + "." * 29, HashRefusal.DAMAGED),
        ("$P$." + "." * 30, HashRefusal.DAMAGED),
        ("{SSHA}****", HashRefusal.DAMAGED),
        (f"{{SSHA}}{in_base64('sha1')}", HashRefusal.DAMAGED),
        (f"{{SHA}}{in_base64('sha1', b'sel')}", HashRefusal.DAMAGED),
        ("{MD5}AAAA", HashRefusal.DAMAGED),
        ("pbkdf2_sha256$0$sel$" + "A" * 43 + "=", HashRefusal.DAMAGED),
        ("pbkdf2_sha256$1000$$" + "A" * 43 + "=", HashRefusal.DAMAGED),
        (f"scrypt$1000$sel$8$1${'A' * 86}==", HashRefusal.DAMAGED),
        (f"scrypt$65536$sel$1$1${'A' * 86}==", HashRefusal.DAMAGED),
        (f"$argon2id$v=19$m=15,t=1,p=2${'A' * 40}${'A' * 40}", HashRefusal.DAMAGED),
        ("$argon2id$v=19$m=16,t=1,p=2", HashRefusal.DAMAGED),
        ("$argon2d$v=19$m=16,t=1,p=2$AAAA$AAAA", HashRefusal.UNSUPPORTED),
        ("AQAAAAEAACcQAAAAEAAB*gMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==", HashRefusal.DAMAGED),
        ("AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw=", HashRefusal.DAMAGED),
        ("AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJiAA", HashRefusal.DAMAGED),
        ("AQAAAAéAACcQ", HashRefusal.DAMAGED),
        ("{SSHA}éAAA", HashRefusal.DAMAGED),
        ("AQAAAAEAACcQ", HashRefusal.DAMAGED),
        ("AQAAAAkAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==", HashRefusal.DAMAGED),
        ("AQAAAAEAAAAAAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==", HashRefusal.DAMAGED),
        ("AQAAAAEAACcQ/////wABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==", HashRefusal.DAMAGED),
    ],
)
def test_what_no_password_can_open_is_refused_with_its_reason(text, because):
    assert reason(text) is because


def test_a_salt_that_no_system_can_have_kept_is_refused():
    text = in_hexadecimal("md5")
    assert reason(text, salt="\ud800", salt_place=SaltPlace.AFTER) is HashRefusal.DAMAGED
    assert reason(text, salt="x" * 129, salt_place=SaltPlace.AFTER) is HashRefusal.TOO_LONG


LATE = "Été à Noël"


@pytest.mark.parametrize(
    ("hashed", "typed", "right"),
    [
        (LATE, LATE, True),
        (LATE, unicodedata.normalize("NFD", LATE), True),
        (unicodedata.normalize("NFD", LATE), unicodedata.normalize("NFD", LATE), True),
        (unicodedata.normalize("NFD", LATE), LATE, False),
        ("deux\u00a0mots", "deux\u00a0mots", True),
        ("deux mots", "deux\u00a0mots", True),
    ],
)
@pytest.mark.parametrize("make", [libpass.sha256_crypt.using(rounds=1000).hash, libpass.ldap_salted_sha1.hash])
def test_a_password_is_tried_as_we_write_it_and_as_it_was_typed__att_80(make, hashed, typed, right):
    assert opens(kept(make(hashed)), typed) is right


@pytest.mark.parametrize("password", ["\0", "a\0b", "\ud800", "\udfff\0é", "", "x" * 5000, "\U0010ffff"])
@pytest.mark.parametrize("text", [text for text, *_ in ALL.values()], ids=ALL)
def test_what_nobody_types_opens_nothing_and_breaks_nothing__att_80(text, password):
    assert opens(kept(text), password) is False


def test_bcrypt_looks_at_72_bytes_as_the_old_system_did():
    long = "é" * 36 + "fin"
    stored = kept(bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(4)).decode())
    assert opens(stored, long)
    assert opens(stored, "é" * 36)
    assert not opens(stored, "é" * 35)


@pytest.mark.parametrize("place", [28, 59])
def test_bcrypt_opens_where_bits_that_no_byte_fills_were_set(place):
    clean = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
    untidy = clean[:place] + {".": "/", "W": "X"}[clean[place]] + clean[place + 1 :]
    assert opens(kept(untidy), "U*U")


def test_django_scrypt_may_take_more_memory_than_openssl_gives_unasked():
    assert opens(kept(made_by_django(ScryptPasswordHasher(), maxmem=2**27, work_factor=2**15, parallelism=1)), PASSWORD)


ALPHABET = st.sampled_from("$.{}=,:+/*AQPHab0123456789\0é\ud800 \n")
MARKS = st.sampled_from(
    [
        "",
        "old$",
        "old$bcrypt$",
        "wrapped$",
        "wrapped$phpass$",
        "wrapped$hex_md5$",
        "argon2$",
        "{CRYPT}",
        "{SSHA}",
        "$2b$",
    ]
    + [text for text, *_ in ALL.values()]
    + [text for text, _ in ASPNET]
)


@st.composite
def mangled(draw):
    """A true hash, stored or not, with a piece of it replaced; or anything."""
    whole = draw(st.one_of(MARKS, st.sampled_from(STORED), st.text(max_size=40)))
    start = draw(st.integers(0, len(whole)))
    return whole[:start] + draw(st.text(ALPHABET, max_size=20)) + whole[start + draw(st.integers(0, 12)) :]


STORED = [kept(text) for text, *_ in ALL.values()]


@given(text=mangled(), salt=st.text(max_size=20), place=st.sampled_from(SaltPlace))
def test_any_text_is_read_or_refused(text, salt, place):
    try:
        old = read_old_hash(text, salt=salt, salt_place=place)
    except UnusableHashError:
        return
    assert len(stored_form(old, HASHING)) <= imported_hash.LONGEST


def cheap(stored):
    """Rounds that Hypothesis made longer are allowed, but not worth the wait."""
    work = work_of(stored, HASHING)
    return not work or max(map(int, re.findall(r"[0-9]+", work.partition(":")[2]))) <= 20_000


@settings(max_examples=200)
@given(stored=mangled().filter(cheap), typed=st.text(max_size=20))
def test_any_stored_text_opens_or_does_not(stored, typed):
    assert verify_old(stored, Secret(typed), HASHING) in {True, False}


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "old$",
        "old$bcrypt",
        "old$sha512_crypt$" + by_bcrypt(),
        "old$hex_md5$" + in_hexadecimal("md5"),
        "old$bcrypt$" + "old$bcrypt$" + by_bcrypt(),
        by_bcrypt(),
        in_hexadecimal("md5"),
        "wrapped$hex_md5$bm9uZTo=$" + in_hexadecimal("md5"),
        "wrapped$hex_md4$bm9uZTo=$" + HASHING.encode(Secret("x")),
        "wrapped$hex_md5$bm9uZ$" + HASHING.encode(Secret("x")),
        "wrapped$phpass$AAAA$" + HASHING.encode(Secret("x")),
        "wrapped$md5_crypt$$" + HASHING.encode(Secret("")),
    ],
    ids=[f"damaged {number}" for number in range(13)],
)
def test_damaged_rows_open_to_nobody(stored):
    assert not opens(stored, PASSWORD)
    assert not opens(stored, "")
    assert work_of(stored) == ""


PRIMITIVES = {
    "bcrypt:4": "bcrypt.checkpw",
    "bcrypt_sha256:4": "bcrypt.hashpw",
    "sha256_crypt:1000": "retrouve.directories.slow_hashes.sha256_crypt.verify",
    "sha512_crypt:1000": "retrouve.directories.slow_hashes.sha512_crypt.verify",
    "md5_crypt:1000": "retrouve.directories.fast_hashes.md5_crypt.using",
    "phpass:128": "retrouve.directories.fast_hashes.phpass.using",
    "pbkdf2_sha1:500": "hashlib.pbkdf2_hmac",
    "pbkdf2_sha256:20": "hashlib.pbkdf2_hmac",
    "pbkdf2_sha512:50": "hashlib.pbkdf2_hmac",
    "scrypt:16,8,5": "hashlib.scrypt",
    "argon2id:16,2,1": "argon2.PasswordHasher.verify",
    "argon2i:16,2,1": "argon2.PasswordHasher.verify",
}


@pytest.fixture
def calls_of(monkeypatch):
    """The primitive of a work, which still works, and the list of what it is called with."""

    def watch(work):
        name = PRIMITIVES[work]
        owner, _, attribute = name.rpartition(".")
        owner = pytest.importorskip(owner) if owner in {"bcrypt", "hashlib"} else _object(owner)
        real, calls = getattr(owner, attribute), []
        monkeypatch.setattr(owner, attribute, lambda *told, **more: calls.append((told, more)) or real(*told, **more))
        return calls

    return watch


def _object(name):
    module, _, attribute = name.rpartition(".")
    return getattr(pytest.importorskip(module), attribute)


@pytest.mark.parametrize("work", PRIMITIVES)
@pytest.mark.parametrize("typed", ["court", LATE, unicodedata.normalize("NFD", LATE)])
def test_where_there_is_no_such_hash_the_same_work_is_done_as_often__att_06(calls_of, work, typed):
    calls = calls_of(work)
    do_the_work(work, Secret(typed))
    assert len(calls) == len(spellings(Secret(typed)))


@pytest.mark.parametrize("text", [text for text, _, work in ALL.values() if work], ids=[n for n in ALL if ALL[n][2]])
def test_nobodys_hash_costs_what_the_hash_of_somebody_does__att_07(calls_of, text):
    work = read_old_hash(text).work
    nobodys = blank_hashes.nobodys(work)
    assert nobodys is not None
    assert nobodys.work == work
    if work in PRIMITIVES:
        calls = calls_of(work)
        opens(kept(text), "court")
        do_the_work(work, Secret("court"))
        assert len(calls) == 2


def test_each_work_has_a_hash_of_nobodys():
    assert {work.partition(":")[0] for work in PRIMITIVES} == set(blank_hashes.BLANKS)


@pytest.mark.parametrize("work", ["", "bcrypt", "bcrypt:", "bcrypt:x", "bcrypt:31", "bcrypt:4,4", "md2:1", "phpass:9"])
def test_unknown_work_is_none(work):
    assert blank_hashes.nobodys(work) is None
    do_the_work(work)


def test_nobodys_hashes_are_few():
    assert blank_hashes.nobodys.cache_info().maxsize == 16
    for rounds in range(1000, 1030):
        blank_hashes.nobodys(f"sha512_crypt:{rounds}")
    assert blank_hashes.nobodys.cache_info().currsize <= 16


@pytest.mark.parametrize("typed", ["court", unicodedata.normalize("NFD", LATE), "a\0b"])
@pytest.mark.parametrize("text", [in_hexadecimal("md5"), libpass.md5_crypt.hash(PASSWORD)], ids=["hex", "crypt"])
def test_a_wrapped_hash_costs_an_argon2_for_each_spelling_whatever_is_typed__att_06(monkeypatch, text, typed):
    stored, verified = kept(text), []
    real = Hashing.verify
    monkeypatch.setattr(Hashing, "verify", lambda self, *told: verified.append(told) or real(self, *told))
    assert not opens(stored, typed)
    assert len(verified) == len(spellings(Secret(typed)))


def test_where_there_is_no_digest_the_hash_of_nothing_opens_to_nobody():
    """md5_crypt takes no NUL: if no digest were the same as an empty one, any such password would open this."""
    settings = base64.urlsafe_b64encode(b"$1$sel").decode()
    assert not opens(f"wrapped$md5_crypt${settings}${HASHING.encode(Secret(''))}", "\0")
