from integrations import registry


def test_the_tile_is_what_the_catalog_shows() -> None:
    tile = registry.get("karte").tile
    assert (tile.name, tile.category, tile.letters) == ("KARTE", "Marketing", "KA")
    assert "Google Cloud Storage" in tile.summary
    assert tile.docs_url.startswith("https://")
