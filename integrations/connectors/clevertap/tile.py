from integrations.connector import Tile

TILE = Tile(
    key="clevertap",
    name="CleverTap",
    category="Marketing",
    summary="Upload user profiles, user events and custom list segments.",
    docs_url="https://docs.treasuredata.com/int/clevertap-export-integration",
    letters="CT",
    hue="red",
)
