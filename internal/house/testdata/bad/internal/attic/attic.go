package attic // want: internal/attic is not on the plan; give it a storey in internal/house
