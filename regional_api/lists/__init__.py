"""Lists of appeals: any query, any order that is offered, any page, and the words of the texts."""
