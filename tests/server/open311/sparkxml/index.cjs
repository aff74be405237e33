// The Spark convention: an element with one child, or with several of one name, is a list of them; one with
// children of different names is an object; numbers and booleans are read.
const { XMLParser, XMLValidator } = require("fast-xml-parser");

const parser = new XMLParser({ preserveOrder: true, parseTagValue: false, trimValues: false });

const nameOf = (node) => Object.keys(node).find((key) => key !== ":@");

function valueOf(node) {
  const inside = node[nameOf(node)];
  const children = inside.filter((child) => nameOf(child) !== "#text");
  if (children.length === 0) return inside.length ? scalar(inside[0]["#text"]) : null;
  const names = new Set(children.map(nameOf));
  if (children.length === 1 || names.size < children.length) return children.map(valueOf);
  return Object.fromEntries(children.map((child) => [nameOf(child), valueOf(child)]));
}

function scalar(text) {
  if (text.trim() !== "" && !Number.isNaN(Number(text))) return Number(text);
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  return text;
}

exports.parseXml = (text) => {
  const validity = XMLValidator.validate(text);
  if (validity !== true) throw new Error(validity.err.msg);
  return valueOf(parser.parse(text).find((node) => !nameOf(node).startsWith("?")));
};
