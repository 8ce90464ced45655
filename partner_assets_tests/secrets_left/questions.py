"""What Dagster's pages ask its webserver for, so that what they can show can be searched without a browser.

Not here: who answers (`failing_site.py`).
"""

from collections.abc import Mapping

_ERROR = "error { message className stack errorChain { error { message stack } } }"
_METADATA = """metadataEntries { label description ... on TextMetadataEntry { text } ... on JsonMetadataEntry { jsonString }
  ... on PathMetadataEntry { path } ... on MarkdownMetadataEntry { mdStr } ... on UrlMetadataEntry { url } }"""
_REPOSITORY = '{ repositoryLocationName: "partner_assets", repositoryName: "__repository__" }'

LAUNCH = """mutation($execution: ExecutionParams!) { launchRun(executionParams: $execution) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message stack } } }"""

RUNS = "{ runsOrError { ... on Runs { results { runId status jobName runConfigYaml tags { key value } } } } }"

OF_RUN = (
    f"""query($run: ID!) {{ logsForRun(runId: $run) {{ ... on EventConnection {{ events {{ __typename
    ... on MessageEvent {{ message level stepKey }} ... on ErrorEvent {{ {_ERROR} }} ... on DisplayableEvent {{ {_METADATA} }}
    ... on ExecutionStepFailureEvent {{ failureMetadata {{ label description {_METADATA} }} }}
    ... on LogsCapturedEvent {{ fileKey stepKeys externalUrl }} }} }} }} }}""",
    """query($run: ID!) { runOrError(runId: $run) { ... on Run { runConfig runConfigYaml tags { key value } mode
    stepStats { stepKey status } executionPlan { steps { key metadata { key value } } } } } }""",
)
"""All that is known of a run."""

CAPTURED = "query($key: [String!]!) { capturedLogs(logKey: $key) { stdout stderr } }"

OF_INSTANCE: Mapping[str, str] = {
    "instance": """{ version instance { info hasInfo executablePath runLauncher { name }
        daemonHealth { allDaemonStatuses { daemonType healthy lastHeartbeatErrors { message stack } } } } }""",
    "workspace": """{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus
        displayMetadata { key value } locationOrLoadError { ... on PythonError { message stack }
        ... on RepositoryLocation { name environmentPath dagsterLibraryVersions { name version } } } } } } }""",
    "resources": f"""{{ allTopLevelResourceDetailsOrError(repositorySelector: {_REPOSITORY}) {{ ... on ResourceDetailsList {{
        results {{ name description resourceType configFields {{ name description defaultValueAsJson }}
        configuredValues {{ key value type }} }} }} }} }}""",
    "variables": f"""{{ utilizedEnvVarsOrError(repositorySelector: {_REPOSITORY}) {{ ... on EnvVarWithConsumersList {{
        results {{ envVarName }} }} }} }}""",
    "run config": f"""{{ runConfigSchemaOrError(selector: {{ pipelineName: "orders_by_day", {_REPOSITORY[2:]}) {{
        ... on RunConfigSchema {{ rootDefaultYaml }} }} }}""",
    "ticks": f"""{{ sensorsOrError(repositorySelector: {_REPOSITORY}) {{ ... on Sensors {{ results {{ name description
        metadata {{ assetKeys {{ path }} }} sensorState {{ ticks {{ status cursor skipReason runKeys {_ERROR}
        logEvents {{ events {{ message level }} }} }} }} }} }} }} }}""",
    "assets": f"""{{ assetNodes {{ assetKey {{ path }} description {_METADATA}
        assetMaterializations(limit: 3) {{ message {_METADATA} }} }} }}""",
}
"""All that is known beside the runs, by where it shows."""
