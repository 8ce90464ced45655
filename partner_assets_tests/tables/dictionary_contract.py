"""The public contract, typed from the data dictionary and not from the code: names, types, nullability, order, keys.

One line a table: its key, then its columns as the dictionary prints them (`!` is never null). Not here: descriptions.
"""

CREATION_DATE = "creation_date date!, "
VALIDITY = ", valid_from ts!, valid_to ts"
LINEAGE = ", extra json, fetched_at ts!, run_id text!, legal_entity text!"

_CATALOGUE: dict[str, tuple[str, str]] = {
    "accreditations": (
        "accreditation_id",
        "accreditation_id text!, name text!, accreditation_type text!, deployment_type text, "
        "industry_solution_experience_id text, industry_solution_experience_name text, solution_release_id text, "
        "solution_release_name text, industry_id text, industry_name text",
    ),
    "price_lists": (
        "country_code, price_list_id",
        "country_code text!, country_name text, price_list_id int!, name text, currency text, "
        "has_future_price_list bool, effective_date date",
    ),
    "products": (
        "accreditation_id, product_number, release",
        "accreditation_type text!, accreditation_id text!, product_number text!, trigram text, product_type text, "
        "default_support_level text, licensing_scheme text, ds_offering text, remote_access bool, "
        "extended_enterprise_user bool, release text, name text, prerequisite text, availability_status int, portfolio text",
    ),
    "product_prices": (
        "accreditation_id, price_list_id, price_list_status, product_number, revenue_type",
        "accreditation_type text!, accreditation_id text!, price_list_id int!, price_list_status text!, currency text, "
        "product_number text!, revenue_type text!, ds_list_price money, distributor_discount_percentage percent, "
        "distributor_price money, first_year_discount_percentage percent, first_year_discount_price money",
    ),
    "package_contents": (
        "package_number, package_release, position",
        "package_number text!, package_release text!, position int!, product_number text!, portfolio text!, "
        "release text!, quantity int!",
    ),
}

_ORDERS: dict[str, tuple[str, str]] = {
    "order_documents": (
        "transaction_id, last_update_datetime",
        "transaction_id text!, creation_datetime ts!, last_update_datetime ts, api_version text!, document json!, "
        "is_current bool!, gone_at ts",
    ),
    "orders": (
        "transaction_id",
        "transaction_id text!, transaction_type text!, status text, description text, business_unit_id text!, "
        "business_unit_name text, business_unit_timezone text, bill_to_site_id text!, bill_to_site_name text, "
        "bill_to_site_local_name text, bill_to_site_location_id int, sold_to_site_id text!, sold_to_site_name text, "
        "sold_to_site_local_name text, sold_to_site_location_id int, agreement_type text, agreement_reference text, "
        "bill_to_contact text, creation_datetime ts!, ds_received_po_date date, booking_datetime ts, "
        "last_update_datetime ts, currency text!, online_consent_status text, bill_to_sales_representative text, "
        "bill_to_po_reference text, sbo_number text, customer_requested_arrival_date date, "
        "ds_sales_representative text, is_multi_year bool, has_exit_clause bool, recurring_charge_billing_cycle text, "
        "opportunity_id text, payment_terms text, line_count int!, charge_count int!, version_count int!",
    ),
    "order_lines": (
        "transaction_id, line_number",
        "transaction_id text!, line_number int!, line_group text, online_instance_seat_id text, order_type text, "
        "usage_scope text, promotion_id text, promotion_name text, promotion_combination text, waiver_duration int, "
        "waiver_end_date date",
    ),
    "order_charges": (
        "transaction_id, line_number, charge_number",
        "transaction_id text!, line_number int!, charge_number int!, installed_base_number text, sub_order_type text, "
        "revenue_type text, portfolio text, release text, product_trigram text, product_type text, product_number text, "
        "product_name text, ds_offering text, quantity int, unit_list_price money, total_list_price money, "
        "distributor_net_amount money, distributor_annual_amount money, distributor_discount_percentage percent, "
        "distributor_maximum_margin_percentage percent, customer_maximum_net_amount money, "
        "customer_maximum_annual_amount money, customer_minimum_discount_percentage percent, start_date date, "
        "end_date date, duration int, calculated_start_date date, calculated_end_date date, year_number int, "
        "coupon_name text, coupon_discount_percentage percent, inflation_date date, inflation_ratio ratio, "
        "inflation_exception text",
    ),
}

_OTHERS: dict[str, tuple[str, str]] = {
    "code_labels": ("code_set, code", "code_set text!, code text!, label text!, description text, v0_name text"),
    "rejected": (
        "table_name, legal_entity, fetched_at, position",
        "table_name text!, slice text!, position int!, reason text!, record json!",
    ),
}

PRINTED = {**_CATALOGUE, **_ORDERS, **_OTHERS}
"""Key and own columns of every table, exactly as the dictionary prints them for that table."""

COLUMNS = {
    **{name: (columns + VALIDITY + LINEAGE).split(", ") for name, (_, columns) in _CATALOGUE.items()},
    **{name: (CREATION_DATE + columns + LINEAGE).split(", ") for name, (_, columns) in _ORDERS.items()},
    **{name: (columns + LINEAGE).split(", ") for name, (_, columns) in _OTHERS.items()},
}
"""All columns of every table, those that the dictionary prints once for many tables included."""

KEYS = {name: key.split(", ") for name, (key, _) in PRINTED.items()}
