"""A server ledger beside Kapok's: django-hordak (double entry on PostgreSQL, with balance and currency checked by
triggers in the database). Each transaction moves an amount between two of 100 accounts and is committed by itself.
Usage: peer.py postgres://user:password@host:port/database TRANSACTIONS CALLERS…    (its tables are made and dropped)
Needs: pip install django-hordak==2.0.0 psycopg2-binary==2.9.13
"""
import random, statistics, sys, threading, time
from urllib.parse import urlparse

import django
from django.conf import settings

where, total, callers = urlparse(sys.argv[1]), int(sys.argv[2]), [int(c) for c in sys.argv[3:]]
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"], USE_TZ=True, SECRET_KEY="bench", DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    CURRENCIES=["CNY"], DEFAULT_CURRENCY="CNY", HORDAK_INTERNAL_CURRENCY="CNY",
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": where.path.strip("/"), "USER": where.username, "PASSWORD": where.password,
                           "HOST": where.hostname, "PORT": where.port, "OPTIONS": {"options": "-c search_path=hordak_bench,public"}, "CONN_MAX_AGE": None}})
django.setup()
from django.core.management import call_command
from django.db import connection, transaction
from hordak.models import Account, AccountType, Leg, Transaction
from moneyed import Money

with connection.cursor() as c:
    c.execute("DROP SCHEMA IF EXISTS hordak_bench CASCADE")
    c.execute("CREATE SCHEMA hordak_bench")
call_command("migrate", verbosity=0)
accounts = [Account.objects.create(name=f"a{i}", code=str(i), type=AccountType.asset, currencies=["CNY"]) for i in range(100)]


def post(rnd):
    a, b = rnd.sample(accounts, 2)
    amount = Money(rnd.randint(1, 10**7), "CNY") / 100
    with transaction.atomic():
        t = Transaction.objects.create(description="bench")
        Leg.objects.create(transaction=t, account=a, debit=amount)
        Leg.objects.create(transaction=t, account=b, credit=amount)


def run(n, workers):
    took, lock = [], threading.Lock()

    def work(seed, count):
        rnd, mine = random.Random(seed), []
        for _ in range(count):
            begun = time.perf_counter()
            post(rnd)
            mine.append(time.perf_counter() - begun)
        connection.close()
        with lock:
            took.extend(mine)

    threads = [threading.Thread(target=work, args=(i, n // workers)) for i in range(workers)]
    begun = time.perf_counter()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    lasted = time.perf_counter() - begun
    took.sort()
    print(f"hordak/{workers:<4} {len(took) / lasted:8.0f} tx/s  p50 {statistics.median(took) * 1000:7.2f} ms  p99 {took[int(len(took) * .99)] * 1000:7.2f} ms", flush=True)


for workers in callers:
    run(total, workers)
with connection.cursor() as c:
    c.execute("DROP SCHEMA hordak_bench CASCADE")
