"""What the generated conversations are about.

A line of SLOTS names things; a slash stands between words for the same thing, of which each mention picks one. A block
of KINDS is a topic: "?" asks, "-" answers tersely, "=" tells in a full sentence, "!" asks much later. Everywhere [a|b]
is a choice at each mention.
"""

SLOTS = """
relative: sister/sibling, brother/sibling, mum/mother, dad/father, grandma/grandmother, uncle, aunt/auntie, cousin,
    nephew, niece, husband/partner, wife/partner
friend: Tom, Priya, Elena, Marcus, Yuki, Hassan, Ingrid, Caleb, Rosa
occasion: birthday, wedding/marriage, graduation, retirement, housewarming, anniversary
object: teapot, necklace, telescope, record player/turntable, scarf/shawl, cookbook, hammock, lantern/lamp,
    chessboard/chess set, bracelet, kite, microscope
city: Lisbon, Kyoto, Edinburgh, Montreal, Cape Town, Oslo, Naples, Hanoi, Tallinn, Seville, Zagreb, Denver, Bergen,
    Porto
country: Peru, Norway, Vietnam, Morocco, Iceland, Greece, Kenya, Chile
season: summer, winter, spring, autumn/fall
month: January, March, April, June, August, October, November
weekday: Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday
pet: dog/puppy, cat/kitten, parrot/bird, rabbit/bunny, tortoise/turtle, hamster
petname: Biscuit, Olive, Pepper, Mango, Ziggy, Juniper, Waffles, Domino
dish: lasagne, dumplings, paella, ramen/noodle soup, curry, pierogi, goulash/stew, falafel, risotto, pancakes
food: peanuts/nuts, shellfish/prawns, gluten/wheat, dairy/milk, eggs, mustard
sport: climbing/bouldering, rowing, fencing, swimming, badminton, cycling/biking, archery, judo, running/jogging
instrument: cello, banjo, saxophone, piano/keyboard, violin/fiddle, drums, harp
craft: pottery/ceramics, knitting, woodworking/carpentry, calligraphy, embroidery/sewing, photography,
    watercolours/painting
injury: ankle, wrist, shoulder, knee, back/spine, elbow
job: nurse, architect, baker, translator/interpreter, electrician, lawyer/solicitor, teacher, carpenter, librarian,
    pilot
firm: Northbrook, Lumen, Castellan, Quarry Street, Halden, Bluefin, Marrow
genre: thriller/crime novel, biography/memoir, poetry, history, fantasy, science fiction
title: Salt Road, Paper Moons, Seventh Tide, Glass Orchard, Hollow Crown, Ember Line, Winter Ledger, Distant Harbour
subject: chemistry, Portuguese, statistics/maths, law, geology, Mandarin/Chinese, philosophy, anatomy
vehicle: van/camper, motorbike/motorcycle, car, bicycle/bike, boat, scooter
fault: brakes, gearbox/transmission, battery, exhaust, clutch, headlights/lights
room: kitchen, bathroom, attic/loft, garage, living room/lounge, basement/cellar
colour: turquoise/teal, mustard yellow/yellow, dark green/green, terracotta/orange, lilac/purple, charcoal/grey
plant: tomatoes, roses, pumpkins, lavender, strawberries, basil/herbs, orchids
number: three/3, seven/7, twelve/12, forty/40, two hundred/200, fifteen/15
band: The Kestrels, Mothlight, Violet Engine, Old Harbour Choir, Static Rivers
cause: animal shelter/rescue centre, food bank, library, hospice, beach clean-up, museum
"""

KINDS = """
? What did you [get|buy] your {relative} for the {occasion} in the end?
? Did you find something for your {relative}'s {occasion}?
- A {object}, believe it or not.
- Yes, a {object} from the corner shop!
= I [got|bought] my {relative} a {object} for the {occasion}.
= The {occasion} went well, my {relative} loved the {object}.
! Which [present|gift] did {name} give the {relative} at the {occasion}?
! What did {name} [buy|purchase|choose] for the {relative}'s {occasion}?

? Where are you [going|heading] in the {season}?
? Any [plans|idea] where to go this {season}?
- {city}! The tickets are booked.
- Thinking of {city}, never been there.
= We have [booked|reserved] a week in {city} for the {season}.
= This {season} we will finally see {city}.
! What [city|destination] does {name} want to [visit|travel to] in the {season}?
! Where is the {season} [trip|vacation|holiday] of {name} going to?

? Is there anything your {relative} cannot eat? I am making {dish}.
? I will cook {dish} for your {relative}, is that all right?
- No {food} please, otherwise anything.
- Careful with {food}, it ends in hospital.
= My {relative} is [allergic|sensitive] to {food}, so no {dish}.
= Since last year {food} makes my {relative} ill.
! What is the {relative} of {name} allergic to?
! Which food [must|should] be [left out|avoided] when the {relative} of {name} comes to eat?

? What did you [call|name] the new {pet}?
? Does the {pet} have a name yet?
- {petname}, the children insisted.
- We settled on {petname}.
= Our {pet} {petname} has chewed the sofa again.
= We [adopted|took in] a {pet} and called it {petname}.
! What is the {pet} of {name} called?
! Which name did {name} give the {pet}?

? How is the {injury}? You were limping about it last week.
? What did the doctor say about your {injury}?
- Torn ligament, {number} weeks of rest.
- Nothing broken, but no sport for {number} weeks.
= I [hurt|injured] my {injury} at {sport} and have to rest for {number} weeks.
= The {injury} is still swollen after {sport}.
! How long does {name} have to rest the {injury}?
! What happened to the {injury} of {name}?

? Have you started the new [job|position] at {firm}?
? When do you [begin|start] at {firm}?
- Next {weekday}, as their {job}.
- In {month}, they needed a {job} sooner but waited.
= I [begin|start] as a {job} at {firm} in {month}.
= {firm} has [hired|taken] me as a {job}.
! When does {name} [begin|start] working for {firm}?
! What does {name} do for [work|a living] at {firm}?

? What are you reading at the moment?
? Did you finish that {genre} you told me about?
- {title}, I cannot put it down.
- Not yet, {title} has eight hundred pages.
= I am halfway through {title}, a {genre}.
= My {relative} lent me {title}, it is the best {genre} in years.
! Which [book|novel] was {name} reading?
! What is the title of the {genre} that {name} [read|finished]?

? How is {sport} going?
? Are you still [doing|practising] {sport}?
- Every {weekday}, for {number} weeks now.
- I gave it up in {month}, no time.
= I [go|train] every {weekday} and will compete in {city}.
= I joined a club for {sport} in {month}.
! How often does {name} [practise|train] {sport}?
! Since when has {name} been [doing|into] {sport}?

? Is your {relative} still learning the {instrument}?
? Who is teaching your {relative} the {instrument}?
- {friend} gives lessons on {weekday}.
- Yes, with {friend}, {number} minutes a day.
= My {relative} [plays|practises] the {instrument} with {friend} now.
= {friend} sold us an old {instrument} for my {relative}.
! Who [teaches|instructs] the {relative} of {name} on the {instrument}?
! With whom does the {relative} of {name} play [music|the {instrument}]?

? What is wrong with the {vehicle}?
? Did the garage call about your {vehicle}?
- The {fault}, it will cost {number} hundred.
- It needs a new part, the {fault} again.
= The {fault} of my {vehicle} failed on the way to {city}.
= I had the {fault} of the {vehicle} [repaired|fixed].
! What had to be [repaired|fixed|mended] on the {vehicle} of {name}?
! Why did the {vehicle} of {name} break down?

? Have you [chosen|picked] a colour for the {room}?
? How is the {room} coming along?
- {colour}, with white shelves.
- All {colour} now, it took {number} pots.
= We [painted|decorated] the {room} in {colour}.
= The {room} is {colour} and smells of fresh paint.
! Which colour did {name} paint the {room}?
! How did {name} [renovate|redecorate] the {room}?

? Did you sign up for the {craft} class?
? Who runs the {craft} evening you go to?
- {friend} does, each {weekday}.
- Yes, first lesson was in {month}.
= I have been [learning|studying] {craft} with {friend} since {month}.
= My first piece from {craft} went to my {relative}.
! Who [leads|teaches] the {craft} course of {name}?
! When did {name} [begin|take up] {craft}?

? What are you growing this {season}?
? Anything new in the garden?
- {plant}, and nothing else survived.
- Only {plant}, the snails took the rest.
= I planted {plant} with my {relative} this {season}.
= The {plant} came up already in {month}.
! What did {name} [plant|grow] in the garden?
! Which plants did {name} have in the {season}?

? How did the [exam|test] in {subject} go?
? What are you studying in the evenings now?
- Passed, with {number} points to spare.
- Failed it, next try is in {month}.
= I passed the [exam|test] in {subject} in {month}.
= I [enrolled|signed up] for {subject} at the university in {city}.
! When is {name} taking the {subject} exam?
! What was the result of {name} in {subject}?

? Was it the {band} concert that you went to?
? How was {band} on {weekday}?
- Loud! {friend} got us to the front row.
- They cancelled, {friend} was furious.
= {friend} and I saw {band} in {city}.
= I have [tickets|seats] for {band} in {month}.
! Who went to [see|hear] {band} with {name}?
! When did {name} attend the show of {band}?

? Where do you volunteer on {weekday}?
? Are you still helping out on {weekday}?
- At the {cause}, {number} hours.
- Yes, they need people at the {cause}.
= I [help|volunteer] at the {cause} every {weekday}.
= {friend} asked me to [join|support] the {cause}.
! Where does {name} [volunteer|help]?
! What [charity|organisation] does {name} give time to on {weekday}?

? Where did your {relative} move to?
? Has your {relative} found a flat yet?
- {city}, near the river.
- Yes, {number} minutes from {city}.
= My {relative} [moved|relocated] to {city} in {month}.
= My {relative} works as a {job} in {city} now.
! In which [town|city] does the {relative} of {name} live?
! Where did the {relative} of {name} [relocate|move] to?

? What is your {relative} doing these days?
? Did your {relative} find work?
- A {job} now, at {firm}.
- Training to be a {job}.
= My {relative} [became|is] a {job} in {month}.
= {firm} offered my {relative} a post as a {job}.
! What is the [profession|job|occupation] of the {relative} of {name}?
! Which [company|employer] does the {relative} of {name} work for?

? Who is coming to the {occasion}?
? How many will you be at the {occasion}?
- {number}, and {friend} brings the cake.
- Only family and {friend}.
= We invited {number} people to the {occasion} in {month}.
= The {occasion} is on a {weekday}, {friend} will make {dish}.
! How many [guests|people] were [invited|asked] to the {occasion} by {name}?
! Who brings the food to the {occasion} of {name}?

? What should I bring back from {country}?
? How long will you stay in {country}?
- {number} days, then on to {city}.
- A {object}, if you find one.
= I spent {number} days in {country} with {friend}.
= In {country} I [lost|left] my {object} on a train.
! How many days did {name} [spend|stay] in {country}?
! What did {name} want from the [journey|trip] to {country}?
"""

CHATTER = """
Ha, that sounds [just like you|about right].
[Really|Seriously]? I had no idea.
Oh no, I am sorry to hear that.
That is [great|wonderful|brilliant] news!
I know exactly what you mean.
Tell me more about it some time.
The weather has been [awful|lovely] here all week.
I slept badly, the neighbours had a party until {number}.
Work is [busy|quiet] at the moment, nothing to report.
I should call my {relative} more often.
Did you see the news about {city}?
I am so tired of {weekday} meetings.
We had {dish} last night, far too much of it.
My {relative} sends regards, by the way.
I am thinking of going to {city} some day.
Remind me to give you back the {object}.
{friend} asked about you the other day.
The {vehicle} is making noises again.
I would love to try {sport} one day.
I never understood people who like {plant}.
Someone at {firm} told me the same.
Anyway, how are things with you?
The {room} still needs cleaning before {weekday}.
I cannot believe it is {month} already.
My {injury} hurts when it rains.
They played {band} on the radio this morning.
Ask {friend}, nobody knows more about {subject}.
Good morning! Coffee first.
I have to run, talk later.
Sorry, I was [away|out], what were you saying?
"""
