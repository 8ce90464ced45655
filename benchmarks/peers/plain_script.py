"""What somebody writes in an afternoon: requests and pandas, one request after the other, three Parquet files.

Not part of the package: it runs in an environment of its own. Arguments: address, key file, first day, days, folder.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import requests

address, key_file, first, days, folder = sys.argv[1:6]
session = requests.Session()
session.headers["X-API-Key"] = Path(key_file).read_text().strip()
start = date.fromisoformat(first)
documents = []
for number in range(int(days)):
    day = start + timedelta(days=number)
    window = {"from": f"{day}T00:00:00Z", "to": f"{day + timedelta(days=1)}T00:00:00Z"}
    skip = 0
    while True:
        page = session.post(
            f"{address}/order/api4partners/v1/orders/search",
            params={"skip": skip, "top": 100},
            json={"creationDateTime": window},
            timeout=60,
        ).json()["data"]
        for order in page:
            answer = session.get(f"{address}/order/api4partners/v1/orders/{order['transaction']['id']}", timeout=60)
            documents += answer.json()["data"]
        skip += len(page)
        if len(page) < 100:
            break
for one in documents:
    one["licenseChargeConditions"] = (
        one.get("licenseChargeConditions") or []
    )  # json_normalize ends at the first without
lines = pd.json_normalize(
    documents, "licenseChargeConditions", meta=[["transaction", "id"]], record_prefix="line.", errors="ignore"
)
charges = pd.json_normalize(
    [
        line | {"id": one["transaction"]["id"]}
        for one in documents
        for line in one.get("licenseChargeConditions") or ()
        if line.get("licenseChargeBreakdown")
    ],
    "licenseChargeBreakdown",
    meta=["id", "sequenceNumber"],
    record_prefix="charge.",
)
orders = pd.json_normalize(documents).drop(columns="licenseChargeConditions")
target = Path(folder)
target.mkdir(parents=True, exist_ok=True)
orders.astype(str).to_parquet(target / "orders.parquet")
lines.drop(columns="line.licenseChargeBreakdown").astype(str).to_parquet(target / "lines.parquet")
charges.astype(str).to_parquet(target / "charges.parquet")
print(len(orders), len(lines), len(charges))
