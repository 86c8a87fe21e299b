from integrations import registry


def test_it_is_in_the_catalog_under_marketing() -> None:
    tile = registry.get("clevertap").tile
    assert (tile.name, tile.category, tile.letters) == ("CleverTap", "Marketing", "CT")
