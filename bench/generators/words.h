// The most frequent words of the generated memories: English, so that stemming, stop words and typos have something to
// work on. Function words come first, by about their frequency in English; then words of ordinary work.
#ifndef WORDS_H
#define WORDS_H

static const char *const function_words[] = {
    "the",   "of",    "and",    "to",   "in",    "a",      "is",    "that",  "for",   "it",    "was",     "on",
    "with",  "as",    "be",     "at",   "by",    "this",   "are",   "from",  "or",    "an",    "not",     "have",
    "we",    "they",  "his",    "but",  "had",   "you",    "which", "were",  "all",   "their", "has",     "there",
    "been",  "if",    "more",   "when", "will",  "who",    "so",    "no",    "what",  "its",   "out",     "our",
    "about", "into",  "than",   "them", "can",   "only",   "other", "then",  "these", "some",  "do",      "does",
    "did",   "after", "before", "over", "under", "each",   "how",   "where", "why",   "while", "because", "until",
    "her",   "she",   "he",     "him",  "my",    "your",   "us",    "me",    "any",   "both",  "few",     "most",
    "such",  "own",   "same",   "too",  "very",  "should", "would", "could", "again", "here",  "during",  "between",
};

static const char *const work_words[] = {
    "customer", "order",     "report",    "database",  "table",     "server",      "deploy",     "project",
    "meeting",  "price",     "invoice",   "contract",  "release",   "version",     "branch",     "change",
    "request",  "review",    "schedule",  "deadline",  "budget",    "estimate",    "account",    "payment",
    "delivery", "product",   "supplier",  "region",    "market",    "revenue",     "quarter",    "month",
    "week",     "morning",   "evening",   "holiday",   "office",    "travel",      "flight",     "hotel",
    "kitchen",  "garden",    "family",    "brother",   "sister",    "daughter",    "doctor",     "school",
    "teacher",  "student",   "music",     "guitar",    "concert",   "painting",    "camera",     "picture",
    "language", "english",   "french",    "german",    "translate", "document",    "folder",     "message",
    "letter",   "address",   "number",    "phone",     "password",  "security",    "permission", "policy",
    "backup",   "restore",   "migrate",   "index",     "query",     "column",      "record",     "schema",
    "network",  "cluster",   "storage",   "memory",    "processor", "thread",      "process",    "failure",
    "error",    "warning",   "monitor",   "measure",   "improve",   "performance", "latency",    "throughput",
    "test",     "build",     "compile",   "library",   "package",   "function",    "variable",   "argument",
    "module",   "class",     "method",    "interface", "protocol",  "client",      "service",    "container",
    "image",    "configure", "setting",   "default",   "option",    "feature",     "design",     "prototype",
    "analyse",  "compare",   "select",    "choose",    "prefer",    "decide",      "agree",      "discuss",
    "suggest",  "explain",   "describe",  "remember",  "forget",    "learn",       "teach",      "understand",
    "answer",   "question",  "problem",   "solution",  "reason",    "result",      "cause",      "effect",
    "increase", "decrease",  "remove",    "insert",    "update",    "delete",      "create",     "open",
    "close",    "start",     "finish",    "continue",  "pause",     "cancel",      "approve",    "reject",
    "manager",  "engineer",  "developer", "designer",  "analyst",   "director",    "partner",    "team",
    "company",  "industry",  "warehouse", "shipment",  "inventory", "discount",    "margin",     "profit",
    "weather",  "river",     "mountain",  "forest",    "island",    "village",     "station",    "bridge",
    "bread",    "cheese",    "coffee",    "breakfast", "dinner",    "recipe",      "vegetable",  "allergy",
    "bicycle",  "train",     "ticket",    "passport",  "insurance", "mortgage",    "apartment",  "furniture",
    "running",  "swimming",  "football",  "exercise",  "injury",    "medicine",    "hospital",   "appointment",
};

#endif
