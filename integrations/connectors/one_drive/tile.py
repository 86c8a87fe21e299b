from integrations.connector import Tile

TILE = Tile(
    key="one_drive",
    name="OneDrive",
    category="Cloud storage",
    summary="Upload CSV or TSV files to OneDrive folders and SharePoint sites.",
    docs_url="https://docs.treasuredata.com/int/onedrive-export-integration",
    letters="OD",
    hue="blue",
)
