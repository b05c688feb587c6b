"""The back office under `/app`: pages for the people of the shop. They ask the shop as the API does and decide nothing."""
