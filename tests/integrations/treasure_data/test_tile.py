from integrations import registry


def test_the_tile_is_what_the_catalog_shows() -> None:
    tile = registry.get("treasure_data").tile
    assert (tile.name, tile.category, tile.letters) == ("Treasure Data", "Databases", "TD")
    assert tile.docs_url.startswith("https://")
