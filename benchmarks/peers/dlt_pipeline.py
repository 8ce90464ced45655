"""dlt's `rest_api` source: searches by week, details by a dependent resource in parallel, child tables, Parquet.

Set up as its documentation advises: parallel resources, more workers for extract and normalize, larger buffers. Not part of
the package: it runs in an environment of its own. Arguments: address, key file, first day, days, folder.
"""

import os
import sys
from datetime import date, timedelta
from pathlib import Path

address, key_file, first, days, folder = sys.argv[1:6]
os.environ |= {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "EXTRACT__WORKERS": "16",
    "EXTRACT__MAX_PARALLEL_ITEMS": "32",
    "NORMALIZE__WORKERS": "2",
    "NORMALIZE__DATA_WRITER__BUFFER_MAX_ITEMS": "20000",
    "DESTINATION__FILESYSTEM__BUCKET_URL": str(Path(folder).resolve()),
}

import dlt  # noqa: E402 - it reads its settings when it is imported
from dlt.sources.rest_api import rest_api_source  # noqa: E402 - it imports dlt, which reads its settings then

start = date.fromisoformat(first)
end = start + timedelta(days=int(days))
resources = []
while start < end:
    week = min(start + timedelta(days=7), end)
    search = f"search_{start:%Y%m%d}"
    resources += [
        {
            "name": search,
            "selected": False,
            "parallelized": True,
            "endpoint": {
                "path": "order/api4partners/v1/orders/search",
                "method": "POST",
                "json": {"creationDateTime": {"from": f"{start}T00:00:00Z", "to": f"{week}T00:00:00Z"}},
                "data_selector": "data",
                "paginator": {
                    "type": "offset",
                    "limit": 100,
                    "limit_param": "top",
                    "offset_param": "skip",
                    "total_path": None,
                    "stop_after_empty_page": True,
                },
            },
        },
        {
            "name": f"details_{start:%Y%m%d}",
            "table_name": "orders",
            "parallelized": True,
            "endpoint": {
                "path": f"order/api4partners/v1/orders/{{resources.{search}.transaction.id}}",
                "data_selector": "data",
                "paginator": "single_page",
            },
        },
    ]
    start = week
source = rest_api_source(
    {
        "client": {
            "base_url": address,
            "auth": {
                "type": "api_key",
                "name": "X-API-Key",
                "api_key": Path(key_file).read_text().strip(),
                "location": "header",
            },
        },
        "resources": resources,
    }
)
pipeline = dlt.pipeline("peer", destination="filesystem", dataset_name="orders", pipelines_dir=f"{folder}/.dlt")
pipeline.run(source, loader_file_format="parquet")
counts = pipeline.last_trace.last_normalize_info.row_counts
print({name: count for name, count in counts.items() if not name.startswith("_dlt")})
