"""The data dictionary against the API's reference, written down by hand: a column's name, its type, its path in the JSON.

It shares no code with `partner_assets/tables`, and that is its whole worth. Not here: columns that the JSON does not hold.
"""

ORDER = """
transaction_id text transaction.id
transaction_type text transaction.type
status text transaction.status
description text transaction.description
business_unit_id text businessUnit.id
business_unit_name text businessUnit.name
business_unit_timezone text businessUnit.localTimezone
bill_to_site_id text billToSite.id
bill_to_site_name text billToSite.name
bill_to_site_local_name text billToSite.localName
bill_to_site_location_id int billToSite.locationId
sold_to_site_id text soldToSite.id
sold_to_site_name text soldToSite.name
sold_to_site_local_name text soldToSite.localName
sold_to_site_location_id int soldToSite.locationId
agreement_type text agreement.type
agreement_reference text agreement.reference
bill_to_contact text billToContact
creation_datetime ts creationDateTime
ds_received_po_date date dsReceivedPoDate
booking_datetime ts bookingDateTime
last_update_datetime ts lastUpdateDateTime
currency text currency
online_consent_status text onlineConsentStatus
bill_to_sales_representative text billToSalesRepresentative
bill_to_po_reference text billToPoReference
sbo_number text sboNumber
customer_requested_arrival_date date customerRequestedArrivalDate
ds_sales_representative text dsSalesRepresentative
is_multi_year bool isMultiYear
has_exit_clause bool hasExitClause
recurring_charge_billing_cycle text recurringChargeBillingCycle
opportunity_id text opportunityId
payment_terms text paymentTerms
"""
LINE = """
line_number int sequenceNumber
line_group text lineGroup
online_instance_seat_id text onlineInstanceSeatId
order_type text orderType
usage_scope text usageScope
promotion_id text promotion.id
promotion_name text promotion.name
promotion_combination text promotion.combination
waiver_duration int waiver.duration
waiver_end_date date waiver.endDate
"""
CHARGE = """
charge_number int sequenceNumber
installed_base_number text installedBaseNumber
sub_order_type text subOrderType
revenue_type text revenueType
portfolio text portfolio
release text release
product_trigram text product.trigram
product_type text product.type
product_number text product.number
product_name text product.name
ds_offering text product.dsOffering
quantity int quantity
unit_list_price money unitListPrice
total_list_price money totalListPrice
distributor_net_amount money distributorNetAmount
distributor_annual_amount money distributorAnnualAmount
distributor_discount_percentage percent distributorDiscountPercentage
distributor_maximum_margin_percentage percent distributorMaximumMarginPercentage
customer_maximum_net_amount money customerMaximumNetAmount
customer_maximum_annual_amount money customerMaximumAnnualAmount
customer_minimum_discount_percentage percent customerMinimumDiscountPercentage
start_date date startDate
end_date date endDate
duration int duration
calculated_start_date date calculatedStartDate
calculated_end_date date calculatedEndDate
year_number int yearNumber
coupon_name text coupon.name
coupon_discount_percentage percent coupon.discountPercentage
inflation_date date inflation.date
inflation_ratio ratio inflation.ratio
inflation_exception text inflation.exception
"""
ACCREDITATION = """
accreditation_id text id
name text name
accreditation_type text accreditationType
deployment_type text deploymentType
industry_solution_experience_id text industrySolutionExperience.id
industry_solution_experience_name text industrySolutionExperience.name
solution_release_id text solutionRelease.id
solution_release_name text solutionRelease.name
industry_id text industry.id
industry_name text industry.name
"""
PRICE_LIST = """
country_code text countryCode
country_name text countryName
price_list_id int id
name text name
currency text currency
has_future_price_list bool hasFuturePriceList
effective_date date effectiveDate
"""
PRODUCT = """
product_number text number
trigram text trigram
product_type text type
default_support_level text defaultSupportLevel
licensing_scheme text licensingScheme
ds_offering text dsOffering
remote_access bool remoteAccess
extended_enterprise_user bool extendedEnterpriseUser
release text release
name text name
prerequisite text prerequisite
availability_status int availabilityStatus
portfolio text portfolio
"""
PRICE = """
product_number text number
revenue_type text revenueType
ds_list_price money dsListPrice
distributor_discount_percentage percent distributorDiscountPercentage
distributor_price money distributorPrice
first_year_discount_percentage percent firstYearDiscountPercentage
first_year_discount_price money firstYearDiscountPrice
"""
PART = """
product_number text number
portfolio text portfolio
release text release
quantity int quantity
"""
