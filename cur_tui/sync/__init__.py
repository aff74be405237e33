"""The client's side of the contract: what keeps a cache and its server the same, over any network.

``transport`` speaks HTTP, ``session`` keeps the tokens, ``engine`` does one step at a time, ``runner``
decides when. Nothing here needs Textual, and nothing imports the HTTP library before the first request.
"""
