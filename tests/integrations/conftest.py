from tests.integrations.treasure_data.conftest import service as service
