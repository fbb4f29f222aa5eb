"""Invented people and firms of the Lappeenranta region; postcodes and towns are real."""

from __future__ import annotations

FIRST_NAMES = (
    "Aino Ali Ville Sara Kim Tuula Joni Liisa Mikko Fatima Emma Onni Eino Helmi Väinö Sofia Oskar "
    "Amina Yusuf Olga Dmitri Elsa Leo Ida Noah Ella Vilho Siiri Toivo Lumi Hassan Mei Anna Pekka "
    "Jaana Riitta Kari Markku Satu Minna Heikki Erkki Päivi Sanna Juho Niko Roope Veera Iida Åke"
).split()
LAST_NAMES = (
    "Mäki Hassan Laine Niemi Nguyen Koski Rantala Virtanen Korhonen Mäkinen Hämäläinen Heikkinen "
    "Koskinen Järvinen Lehtonen Saarinen Salminen Heinonen Kinnunen Salonen Turunen Laitinen "
    "Tuominen Rantanen Karjalainen Jokinen Mattila Savolainen Lahtinen Ahonen Petrov Ivanova Ahmed "
    "Ali Lindström Sjöblom Öhman Kettunen Pöyhönen Häkkinen Tiainen Suikkanen Pulkkinen Hyvönen"
).split()
# Customer name, kind, usual task types.
FIRMS = (
    ("Kahvila Saimaanranta Oy", "private", ("cleaning", "kitchen")),
    ("Kauppahuone Linnoitus Oy", "private", ("shelving", "packing")),
    ("As Oy Lappeenrannan Poro", "private", ("yard", "snow", "windows")),
    ("Etelä-Saimaan Varasto Oy", "private", ("warehouse", "packing")),
    ("Lappeenrannan kaupunki, tilapalvelut", "public", ("yard", "moving", "events")),
    ("Imatran Koskihotelli Oy", "private", ("cleaning", "kitchen", "laundry")),
    ("Tilitoimisto Tasapaino Oy", "private", ("office", "archive")),
    ("Lauritsalan Kukka ja Piha Tmi", "private", ("yard", "shelving")),
    ("Skinnarilan Opiskelija-asunnot Oy", "private", ("moving", "cleaning", "windows")),
    ("Vuoksen Muutto Oy", "private", ("moving", "packing")),
    ("Saimaan Kirjapaino Oy", "private", ("packing", "archive")),
    ("Joutsenon Seurakuntayhtymä", "association", ("yard", "events", "kitchen")),
    ("Karjalan Leipä Oy", "private", ("packing", "kitchen", "cleaning")),
    ("Lappeenrannan Teatterin Ystävät ry", "association", ("events", "cleaning")),
    ("Autokorjaamo Rengas ja Öljy Oy", "private", ("cleaning", "warehouse")),
    ("Hammaslääkärit Hymy Oy", "private", ("office", "cleaning")),
    ("Etelä-Karjalan Urheiluhalli Oy", "private", ("events", "cleaning", "moving")),
    ("Sähkö-Savolainen Oy", "private", ("warehouse", "archive")),
    ("Matkakoti Vuoksi Oy", "private", ("laundry", "cleaning")),
    ("Rakennusliike Kivijalka Oy", "private", ("cleaning", "moving")),
    ("Saimaan Sanomat Oy", "private", ("packing", "office")),
    ("Päiväkoti Männynkäpy Oy", "private", ("kitchen", "cleaning", "yard")),
    ("Taavetin Maatalouskauppa Oy", "private", ("shelving", "yard")),
    ("Kesämökkipalvelu Ranta ja Laituri Oy", "private", ("yard", "cleaning")),
    ("Östra Saimens Båtklubb rf", "association", ("yard", "events")),
)
STREETS = (
    "Kauppakatu Valtakatu Raatimiehenkatu Snellmaninkatu Oksasenkatu Villimiehenkatu Koulukatu "
    "Puhakankatu Standertskjöldinkatu Mutkakatu Helsingintie Imatrantie Lauritsalantie "
    "Hietalankatu Pohjolankatu Tainionkoskentie Vuoksenniskantie Laserkatu Orioninkatu Myllykatu"
).split()
# Postcodes of the region; the first ones are drawn more often.
POSTAL_CODES = (
    "53100 53100 53100 53130 53200 53300 53300 53500 53550 53600 53650 53810 53850 54100 55100 "
    "55100 55120 55610 54500 54800 54920 56100"
).split()

# code, fi, sv, en
SKILLS = (
    ("cleaning", "Siivous", "Städning", "Cleaning"),
    ("garden", "Pihatyöt", "Trädgårdsarbete", "Garden work"),
    ("lifting", "Kantaminen", "Bärarbete", "Carrying"),
    ("kitchen", "Keittiötyö", "Köksarbete", "Kitchen work"),
    ("hygiene", "Hygieniapassi", "Hygienpass", "Hygiene passport"),
    ("office", "Toimistotyö", "Kontorsarbete", "Office work"),
    ("customer", "Asiakaspalvelu", "Kundbetjäning", "Customer service"),
    ("warehouse", "Varastotyö", "Lagerarbete", "Warehouse work"),
)

# code, icon, (fi, sv, en), (description fi, sv, en), (wear fi, sv, en), skills, strains, price,
# youngest age, hazardous for the young
TASKS = (
    ("cleaning", "brush-cleaning", ("Siivous, järjestely", "Städning, ordnande", "Cleaning, tidying"),
     ("Pyyhitään, imuroidaan, järjestellään.", "Vi torkar, dammsuger och ordnar.",
      "We wipe, vacuum and tidy up."),
     ("Tukevat kengät", "Stadiga skor", "Sturdy shoes"),
     ("cleaning",), ("standing",), "32.00", 15, False),
    ("yard", "leaf", ("Pihatyö", "Gårdsarbete", "Yard work"),
     ("Haravoidaan, kitketään, istutetaan.", "Vi krattar, rensar och planterar.",
      "We rake, weed and plant."),
     ("Säänmukaiset vaatteet ja käsineet", "Kläder efter väder och handskar",
      "Clothes for the weather and gloves"),
     ("garden",), ("outdoors", "standing"), "32.00", 15, False),
    ("snow", "snowflake", ("Lumityö", "Snöskottning", "Snow clearing"),
     ("Lapioidaan ja hiekoitetaan käsin.", "Vi skottar och sandar för hand.",
      "We shovel and sand by hand."),
     ("Lämpimät vaatteet ja pitävät kengät", "Varma kläder och skor med grepp",
      "Warm clothes and shoes that grip"),
     ("garden",), ("outdoors", "lifting"), "34.00", 15, False),
    ("shelving", "package-open", ("Hyllytys", "Hyllplockning", "Shelf filling"),
     ("Puretaan kuormia ja täytetään hyllyjä.", "Vi packar upp och fyller hyllor.",
      "We unpack goods and fill shelves."),
     ("Turvakengät, jos on", "Skyddsskor om du har", "Safety shoes if you have them"),
     ("warehouse",), ("standing", "customers"), "32.00", 15, False),
    ("warehouse", "warehouse", ("Varastoapu", "Lagerhjälp", "Warehouse help"),
     ("Keräillään, järjestellään, pakataan.", "Vi plockar, ordnar och packar.",
      "We pick, sort and pack."),
     ("Turvakengät ja huomioliivi", "Skyddsskor och varselväst", "Safety shoes and a vest"),
     ("warehouse", "lifting"), ("lifting", "standing"), "33.00", 18, True),
    ("packing", "package", ("Pakkaus", "Packning", "Packing"),
     ("Pakataan, etiketöidään, postitetaan.", "Vi packar, etiketterar och postar.",
      "We pack, label and mail."),
     ("Mukavat vaatteet", "Bekväma kläder", "Comfortable clothes"),
     (), ("standing",), "31.00", 15, False),
    ("moving", "truck", ("Muuttoapu", "Flytthjälp", "Moving help"),
     ("Kannetaan ja pakataan yhdessä.", "Vi bär och packar tillsammans.",
      "We carry and pack together."),
     ("Tukevat kengät ja työkäsineet", "Stadiga skor och arbetshandskar",
      "Sturdy shoes and work gloves"),
     ("lifting",), ("lifting",), "36.00", 18, True),
    ("kitchen", "utensils", ("Keittiöapu", "Kökshjälp", "Kitchen help"),
     ("Tiskataan, esivalmistellaan, tarjoillaan.", "Vi diskar, förbereder och serverar.",
      "We wash up, prepare and serve."),
     ("Siisti paita, hiukset kiinni", "Hel skjorta, håret uppsatt", "Clean shirt, hair tied up"),
     ("kitchen", "hygiene"), ("standing", "noise"), "33.00", 15, False),
    ("laundry", "washing-machine", ("Pyykkihuolto", "Tvätt", "Laundry"),
     ("Pestään, viikataan, jaetaan.", "Vi tvättar, viker och delar ut.",
      "We wash, fold and deliver."),
     ("Mukavat vaatteet", "Bekväma kläder", "Comfortable clothes"),
     (), ("standing",), "31.00", 15, False),
    ("office", "printer", ("Toimiston apu", "Kontorshjälp", "Office help"),
     ("Kopioidaan, postitetaan, tallennetaan.", "Vi kopierar, postar och matar in.",
      "We copy, mail and enter data."),
     ("Siistit vaatteet", "Prydliga kläder", "Neat clothes"),
     ("office",), ("screen",), "33.00", 15, False),
    ("archive", "archive", ("Arkistointi", "Arkivering", "Archiving"),
     ("Lajitellaan, mapitetaan, skannataan.", "Vi sorterar, arkiverar och skannar.",
      "We sort, file and scan."),
     ("Mukavat vaatteet", "Bekväma kläder", "Comfortable clothes"),
     ("office",), ("screen", "alone"), "32.00", 15, False),
    ("windows", "app-window", ("Ikkunanpesu", "Fönstertvätt", "Window cleaning"),
     ("Pestään ikkunat sisältä ja ulkoa maan tasolta.", "Vi tvättar fönster in- och utvändigt.",
      "We clean windows inside and out from the ground."),
     ("Säänmukaiset vaatteet", "Kläder efter väder", "Clothes for the weather"),
     ("cleaning",), ("heights", "outdoors"), "34.00", 16, False),
    ("events", "party-popper", ("Tapahtuma-apu", "Evenemangshjälp", "Event help"),
     ("Kootaan tuolit, opastetaan, siivotaan.", "Vi ställer fram stolar, vägleder och städar.",
      "We set up chairs, guide people and tidy."),
     ("Tummat housut ja tukevat kengät", "Mörka byxor och stadiga skor",
      "Dark trousers and sturdy shoes"),
     ("customer",), ("customers", "noise", "standing"), "34.00", 15, False),
)  # fmt: skip
