"""Random numbers that are the same everywhere: splitmix64, as in memories.c."""

MASK = (1 << 64) - 1


class Seeded:
    def __init__(self, seed: int):
        self.state = seed & MASK

    def next(self) -> int:
        self.state = self.state + 0x9E3779B97F4A7C15 & MASK
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        return z ^ z >> 31

    def below(self, limit: int) -> int:
        return (self.next() >> 32) * limit >> 32

    def choice(self, items):
        return items[self.below(len(items))]

    def sample(self, items, count: int) -> list:
        """So many different ones, in their own order."""
        places = list(range(len(items)))
        for i in range(count):
            j = i + self.below(len(places) - i)
            places[i], places[j] = places[j], places[i]
        return [items[place] for place in sorted(places[:count])]
