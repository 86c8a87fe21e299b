from integrations.connector import Tile

TILE = Tile(
    key="karte",
    name="KARTE",
    category="Marketing",
    summary="Deliver files to the Google Cloud Storage bucket that KARTE reads.",
    docs_url="https://docs.treasuredata.com/int/karte-export-integration",
    letters="KA",
    hue="teal",
)
