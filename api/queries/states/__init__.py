"""How alerts and their escalations stand, as respond last told of them."""
