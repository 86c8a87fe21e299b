from integrations.connector import Tile

TILE = Tile(
    key="treasure_data",
    name="Treasure Data",
    category="Databases",
    summary="Write job results to a database in another account. Append or Replace.",
    docs_url="https://docs.treasuredata.com/int/treasure-data-data-exchange-export-integration",
    letters="TD",
    hue="navy",
)
