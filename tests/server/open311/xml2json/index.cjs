const { XMLParser } = require("fast-xml-parser");

const parser = new XMLParser({ parseTagValue: false });

exports.toJson = (text) => parser.parse(text);
