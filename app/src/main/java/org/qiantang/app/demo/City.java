package org.qiantang.app.demo;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.qiantang.app.demo.Names.Sex;
import org.qiantang.core.IdentityNumber;
import org.qiantang.core.UnifiedSocialCreditCode;

/**
 * The people, dwellings and companies of the demo city, computed from their number alone whenever a table needs one. Departments that
 * never speak with each other thus still know the same person, and nothing is held in memory.
 */
final class City {
    /** Households of ten: their sizes, and from a person's place among the 26 the household and the role. */
    private static final int[] SIZES = {1, 1, 2, 2, 2, 3, 3, 3, 4, 5};

    private static final int PERSONS_PER_TEN = 26;
    private static final int[] HOUSEHOLD_OF = new int[PERSONS_PER_TEN];
    private static final int[] MEMBER_OF = new int[PERSONS_PER_TEN];
    private static final int[] HEAD_OF = new int[SIZES.length];

    private static final long STRIDE = 1_000_003;
    private static final String[] MOBILE = {
        "135", "136", "137", "138", "139", "150", "151", "152", "157", "158", "159", "177", "180", "182", "187", "189"
    };
    private static final long HOUSEHOLD = Dice.stream("household");
    private static final long PERSON = Dice.stream("person");
    private static final long ESTATE = Dice.stream("estate");
    private static final long COMPANY = Dice.stream("company");
    private static final long GONE = Dice.stream("company gone");
    private static final long BOSS = Dice.stream("company boss");
    private static final String[] INDUSTRIES = {
        "信息技术", "贸易", "餐饮管理", "机械制造", "化工", "建筑工程", "物业服务", "文化传媒", "生物医药", "电子商务", "环保科技", "纺织"
    };

    static {
        int place = 0;
        for (int h = 0; h < SIZES.length; h++) {
            HEAD_OF[h] = place;
            for (int m = 0; m < SIZES[h]; m++) {
                HOUSEHOLD_OF[place] = h;
                MEMBER_OF[place] = m;
                place++;
            }
        }
    }

    enum Role {
        HEAD("户主"),
        SPOUSE("配偶"),
        CHILD("子女"),
        PARENT("父母");

        private final String zh;

        Role(String zh) {
            this.zh = zh;
        }

        String zh() {
            return zh;
        }
    }

    /**
     * A resident.
     *
     * @param died the day of death, or {@link Row#MISSING}
     * @param employer number of the company, or -1
     * @param plant what was planted about the person, or null
     * @param ordinal which of the persons with this plant
     */
    record Person(
            long index,
            long household,
            Role role,
            int age,
            Sex sex,
            long born,
            String surname,
            String given,
            String idNumber,
            String phone,
            String ethnicGroup,
            long died,
            long employer,
            boolean retired,
            @Nullable Plant plant,
            int ordinal) {
        String name() {
            return surname + given;
        }

        String sexCode() {
            return sex == Sex.MALE ? "1" : "2";
        }

        boolean alive() {
            return died == Row.MISSING;
        }

        boolean aliveOn(long day) {
            return died == Row.MISSING || died > day;
        }

        boolean is(Plant kind) {
            return plant == kind;
        }

        boolean pupil() {
            return age >= 6 && age <= 17 && alive();
        }
    }

    /** A dwelling; household n lives in address n. */
    record Address(
            long index,
            long estate,
            Places.Community community,
            Places.Street street,
            CityFolder.District district,
            String road,
            int number,
            int building,
            int unit,
            int room,
            CityFolder folder) {
        String text() {
            return folder.province() + withinProvince();
        }

        String withinProvince() {
            return folder.name() + withinCity();
        }

        String withinCity() {
            return district.name() + street.name() + road + number + "号" + building + "幢" + unit + "单元" + room + "室";
        }

        String code() {
            return community.code() + Days.padded(index, 7);
        }
    }

    /** A residential estate. */
    record Estate(
            long index,
            String name,
            Places.Community community,
            Places.Street street,
            CityFolder.District district,
            String road,
            int number,
            double longitude,
            double latitude) {}

    /**
     * A company.
     *
     * @param cancelled the day it was cancelled, or {@link Row#MISSING}
     */
    record Company(
            long index,
            String code,
            String name,
            String shortName,
            @Nullable String formerName,
            String industry,
            CityFolder.District district,
            String address,
            long registered,
            long cancelled,
            long capitalYuan,
            String phone,
            @Nullable Plant plant,
            int ordinal) {
        boolean is(Plant kind) {
            return plant == kind;
        }
    }

    private final Map<String, Long> streams = new ConcurrentHashMap<>();
    private final CityFolder folder;
    private final String[] firstRegistered;
    private final int birthdays;
    private final String[] roads;
    private final List<String> brands;
    private final long seed;
    private final double scale;
    private final Places places;
    private final long persons;
    private final long households;
    private final long estates;
    private final long companies;
    private final int pharmacies;
    private final int polluters;
    private final int hospitals;
    private final int schools;
    private final long sequences;
    private final Map<Plant, long[]> planted = new EnumMap<>(Plant.class);
    private final long[] plantedPersons;
    private final int[] plantedPersonKinds;
    private final long[] plantedCompanies;
    private final int[] plantedCompanyKinds;

    City(CityFolder folder, long seed, double scale) {
        if (!(scale >= 0.001 && scale <= 100)) {
            throw new IllegalArgumentException("The scale of a demo city lies between 0.001 and 100: " + scale);
        }
        this.folder = folder;
        // Where people were first registered: today's districts, abolished ones, other cities.
        this.firstRegistered = folder.words("first-registered").toArray(String[]::new);
        this.birthdays = firstRegistered.length * 365;
        this.roads = folder.words("roads").toArray(String[]::new);
        this.brands = folder.words("brands");
        this.seed = seed;
        this.scale = scale;
        this.places = new Places(folder, seed);
        long tens = Math.max(40, Math.round(20_800 * scale / PERSONS_PER_TEN));
        this.persons = tens * PERSONS_PER_TEN;
        this.households = tens * SIZES.length;
        this.estates = Math.max(52, households / 60);
        this.companies = count(3_000, 220);
        this.pharmacies = (int) count(160, 26);
        this.polluters = (int) count(120, 26);
        this.hospitals = (int) count(60, 16);
        this.schools = (int) count(240, 26);
        this.sequences = Math.ceilDiv(persons, (long) birthdays);
        chooseCompanies();
        plantedCompanies = entities(COMPANY_PLANTS);
        plantedCompanyKinds = kinds(COMPANY_PLANTS, plantedCompanies);
        choosePersons();
        plantedPersons = entities(PERSON_PLANTS);
        plantedPersonKinds = kinds(PERSON_PLANTS, plantedPersons);
    }

    /** What the city has of its own. */
    CityFolder folder() {
        return folder;
    }

    String brand(long number) {
        return Names.brand(brands, number);
    }

    long seed() {
        return seed;
    }

    double scale() {
        return scale;
    }

    Places places() {
        return places;
    }

    long persons() {
        return persons;
    }

    long households() {
        return households;
    }

    long estates() {
        return estates;
    }

    /** Companies from 0: first the pharmacies, then the polluters, then all others. */
    long companies() {
        return companies;
    }

    int pharmacies() {
        return pharmacies;
    }

    int polluters() {
        return polluters;
    }

    int hospitals() {
        return hospitals;
    }

    int schools() {
        return schools;
    }

    /** So many at scale 1, in proportion at other scales, but at least the least. */
    long count(long atScaleOne, long least) {
        return Math.max(least, Math.round(atScaleOne * scale));
    }

    /** The dice of one row of a stream. */
    Dice dice(String stream, long index) {
        return new Dice(seed, streams.computeIfAbsent(stream, Dice::stream), index);
    }

    Dice dice(long stream, long index) {
        return new Dice(seed, stream, index);
    }

    // --- people

    Person person(long index) {
        Person person = born(index);
        int at = Arrays.binarySearch(plantedPersons, index);
        if (at < 0) {
            return person;
        }
        Plant plant = Plant.values()[plantedPersonKinds[at]];
        return withPlant(person, plant, ordinal(plant, index));
    }

    /** The head of a household. */
    long headOf(long household) {
        return household / SIZES.length * PERSONS_PER_TEN + HEAD_OF[(int) (household % SIZES.length)];
    }

    int sizeOf(long household) {
        return SIZES[(int) (household % SIZES.length)];
    }

    private Person born(long index) {
        long ten = index / PERSONS_PER_TEN;
        int place = (int) (index % PERSONS_PER_TEN);
        long household = ten * SIZES.length + HOUSEHOLD_OF[place];
        int member = MEMBER_OF[place];
        int size = SIZES[HOUSEHOLD_OF[place]];

        Dice home = dice(HOUSEHOLD, household);
        Sex headSex = home.perMille(680) ? Sex.MALE : Sex.FEMALE;
        int headAge = size == 1 ? home.between(22, 88) : size == 2 ? home.between(25, 86) : home.between(28, 62);
        int spouseAge = Math.max(23, headAge + (headSex == Sex.MALE ? -2 : 2) + home.between(-3, 3));
        String headSurname = Names.surname(home);
        String spouseSurname = Names.surname(home);
        int firstBorn = home.between(23, 32);

        Dice dice = dice(PERSON, index);
        Role role;
        int age;
        Sex sex;
        String surname;
        switch (member) {
            case 0 -> {
                role = Role.HEAD;
                age = headAge;
                sex = headSex;
                surname = headSurname;
            }
            case 1 -> {
                role = Role.SPOUSE;
                age = spouseAge;
                sex = headSex == Sex.MALE ? Sex.FEMALE : Sex.MALE;
                surname = spouseSurname;
            }
            case 2 -> {
                role = Role.CHILD;
                age = Math.max(0, Math.min(headAge, spouseAge) - firstBorn);
                sex = dice.perMille(515) ? Sex.MALE : Sex.FEMALE;
                surname = headSex == Sex.MALE ? headSurname : spouseSurname;
            }
            default -> {
                if (size == 4) {
                    role = Role.CHILD;
                    age = Math.max(0, Math.min(headAge, spouseAge) - firstBorn - 3);
                    sex = dice.perMille(515) ? Sex.MALE : Sex.FEMALE;
                    surname = headSex == Sex.MALE ? headSurname : spouseSurname;
                } else {
                    role = Role.PARENT;
                    age = Math.min(101, headAge + firstBorn + (member == 3 ? 1 : 0));
                    sex = member == 3 ? Sex.MALE : Sex.FEMALE;
                    surname = member == 3 ? headSurname : Names.surname(dice);
                }
            }
        }
        String given = Names.given(dice, sex);
        if (dice.perMille(3)) {
            given = Names.rare(dice.below(Names.rareCharacters()));
        }
        String ethnicGroup = "01";
        if (dice.perMille(4)) {
            surname = "";
            given = Names.dotted(dice);
            ethnicGroup = "05";
        } else if (dice.perMille(12)) {
            ethnicGroup = dice.pick("03", "22", "08", "11", "15");
        }

        // A bijection from the person's number to place and birthday of registration keeps the numbers unique without
        // remembering any.
        // The sequence numbers come from the top of the range, which offices leave unused or reserve.
        long slot = index * STRIDE % (birthdays * sequences);
        String division = firstRegistered[(int) (slot % firstRegistered.length)];
        int dayOfYear = (int) (slot / firstRegistered.length % 365);
        int sequence = 999 - 2 * (int) (slot / birthdays) - (sex == Sex.MALE ? 0 : 1);
        long born = birthday(2026 - age, dayOfYear);
        if (born > Days.TODAY) {
            born = birthday(2025 - age, dayOfYear);
        }
        String first17 = division + Days.compact(born) + sequence;
        String idNumber = first17 + IdentityNumber.checkCharacter(first17);
        long line = index * STRIDE % 1_600_000;
        String phone = MOBILE[(int) (line % 16)] + "000" + Days.padded(line / 16, 5);

        int years = (int) ((Days.TODAY - born) / 365.2425);
        boolean old = years >= (sex == Sex.MALE ? 60 : 55);
        long died = years > 60 && dice.perMille(30) ? Days.TODAY - dice.between(5, 700) : Row.MISSING;
        boolean works = dice.perMille(780);
        long employer = -1;
        if (!old && years >= 19 && works) {
            employer = dice.below(companies);
            while (isGone(employer)) {
                employer = (employer + 1) % companies;
            }
        }
        return new Person(
                index,
                household,
                role,
                years,
                sex,
                born,
                surname,
                given,
                idNumber,
                phone,
                ethnicGroup,
                died,
                employer,
                old && works,
                null,
                -1);
    }

    private static long birthday(int year, int dayOfYear) {
        boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        return Days.of(year, 1, 1) + dayOfYear + (leap && dayOfYear >= 59 ? 1 : 0);
    }

    private Person withPlant(Person p, Plant plant, int ordinal) {
        Dice dice = dice("plant", p.index());
        String surname = p.surname();
        String given = p.given();
        String ethnicGroup = p.ethnicGroup();
        long died = p.died();
        switch (plant) {
            case MIDDLE_DOT -> {
                surname = "";
                given = Names.dotted(dice);
                ethnicGroup = "05";
            }
            case RARE_CHARACTER -> given = Names.rare(ordinal);
            case SPACED_NAME -> {
                surname = surname.isEmpty() || surname.length() > 1 ? "吴" : surname;
                given = dice.pick("伟", "敏", "静", "涛");
            }
            case DEAD_BUT_PENSION, DEAD_BUT_ALLOWANCE -> died = Days.TODAY - dice.between(150, 500);
            default -> {}
        }
        return new Person(
                p.index(),
                p.household(),
                p.role(),
                p.age(),
                p.sex(),
                p.born(),
                surname,
                given,
                p.idNumber(),
                p.phone(),
                ethnicGroup,
                died,
                p.employer(),
                p.retired(),
                plant,
                ordinal);
    }

    // --- places

    Estate estate(long index) {
        Dice dice = dice(ESTATE, index);
        int d = (int) (index % places.districts().size());
        CityFolder.District district = places.districts().get(d);
        Places.Community community = places.pick(d, dice);
        String name = brand(index * 31 + 17) + dice.pick("花园", "公寓", "苑", "府", "小区", "家园", "名邸");
        return new Estate(
                index,
                name,
                community,
                places.streets().get(community.street()),
                district,
                dice.pick(roads),
                dice.between(1, 980),
                district.longitude() + dice.bell() * 0.03,
                district.latitude() + dice.bell() * 0.025);
    }

    Address address(long index) {
        Estate estate = estate(index % estates);
        int slot = (int) (index / estates);
        return new Address(
                index,
                estate.index(),
                estate.community(),
                estate.street(),
                estate.district(),
                estate.road(),
                estate.number(),
                slot / 20 + 1,
                slot / 10 % 2 + 1,
                (slot / 2 % 5 + 1) * 100 + slot % 2 + 1,
                folder);
    }

    // --- companies

    Company company(long index) {
        Dice dice = dice(COMPANY, index);
        int at = Arrays.binarySearch(plantedCompanies, index);
        Plant plant = at < 0 ? null : Plant.values()[plantedCompanyKinds[at]];
        int ordinal = plant == null ? -1 : ordinal(plant, index);

        int d = (int) (index % places.districts().size());
        CityFolder.District district = places.districts().get(d);
        String brand = brand(index + 1000);
        String industry = index < pharmacies
                ? "药品零售"
                : index < pharmacies + polluters ? dice.pick("化工", "纺织", "机械制造", "电镀") : dice.pick(INDUSTRIES);
        String name;
        if (index < pharmacies) {
            name = folder.word("short-name") + brand + "大药房有限公司";
        } else if (plant == Plant.COMPANY_BRACKETS) {
            name = brand + "（" + folder.word("short-name") + "）" + industry + "有限公司";
        } else {
            name = dice.pick(
                            folder.word("short-name"),
                            folder.word("province-short-name"),
                            folder.name() + district.name())
                    + brand
                    + industry
                    + dice.pick("有限公司", "有限公司", "有限公司", "股份有限公司", "合伙企业（有限合伙）");
        }
        String formerName = plant == Plant.COMPANY_OLD_NAME || dice.perMille(60)
                ? folder.word("short-name") + brand(index + 60_000) + industry + "厂"
                : null;
        String code = creditCode("91" + district.code() + "MD" + Days.padded(index, 6));
        Places.Community community = places.pick(d, dice);
        Places.Street street = places.streets().get(community.street());
        String address = folder.name() + district.name() + street.name() + dice.pick(roads) + dice.between(1, 1200)
                + "号" + dice.between(1, 9) + "幢" + dice.between(101, 2205) + "室";
        long registered = Days.of(2000, 1, 1) + dice.below(9_400);
        long cancelled = isGone(index) || plant == Plant.CANCELLED_BUT_CONTRIBUTING
                ? Days.TODAY - dice.between(200, 600)
                : Row.MISSING;
        long capital = (1L << dice.between(4, 14)) * dice.between(1, 9) * 10_000;
        return new Company(
                index,
                code,
                name,
                brand + industry,
                formerName,
                industry,
                district,
                address,
                registered,
                cancelled,
                capital,
                folder.word("area-code") + "-8" + Days.padded(index * STRIDE % 10_000_000, 7),
                plant,
                ordinal);
    }

    /** Whether a company was cancelled in the ordinary way; nobody works there. */
    private boolean isGone(long company) {
        return company >= pharmacies + polluters
                && dice(GONE, company).perMille(25)
                && Arrays.binarySearch(plantedCompanies, company) < 0;
    }

    /** The legal person of a company. */
    Person boss(long company) {
        return grownUp(dice(BOSS, company));
    }

    /** Somebody alive and not too old to hold a post, run a shop or call an office. */
    Person grownUp(Dice dice) {
        for (long h = dice.below(households); ; h = (h + 1) % households) {
            Person person = person(headOf(h));
            if (person.alive() && person.age() <= 75) {
                return person;
            }
        }
    }

    /** Completes a code whose first 16 characters are given with both check characters. */
    static String creditCode(String first16) {
        String first17 = first16 + UnifiedSocialCreditCode.organisationCheckCharacter(first16.substring(8));
        return first17 + UnifiedSocialCreditCode.checkCharacter(first17);
    }

    /** The credit code of an organ or institution of the city. */
    String institutionCode(String prefix, long number) {
        return creditCode(prefix + folder.code() + "00MB0" + Days.padded(number, 5));
    }

    /** A department's own credit code. */
    String departmentCode(int number) {
        return creditCode("11" + folder.code() + "0000" + Days.padded(2_000 + number, 6));
    }

    // --- planting

    private static final Plant[] PERSON_PLANTS = {
        Plant.DEAD_BUT_PENSION, Plant.DEAD_BUT_ALLOWANCE, Plant.LOWER_CASE_X, Plant.FIFTEEN_DIGIT_ID,
                Plant.FULL_WIDTH_ID,
        Plant.IMPOSSIBLE_ID_DATE, Plant.DUPLICATE_ROW, Plant.BIRTH_DATE_DIFFERS, Plant.MARRIED_BUT_SINGLE,
                Plant.IMPOSSIBLE_DATE,
        Plant.LOW_INCOME_WITH_PROPERTY, Plant.DOUBLE_COVERAGE, Plant.FORMER_NAME, Plant.RARE_CHARACTER,
                Plant.MIDDLE_DOT,
        Plant.SPACED_NAME, Plant.ADDRESS_DIFFERS, Plant.SEX_DIFFERS, Plant.BAD_ID_CHECK
    };
    private static final Plant[] COMPANY_PLANTS = {
        Plant.COMPANY_OLD_NAME,
        Plant.COMPANY_SHORT_NAME,
        Plant.COMPANY_BRACKETS,
        Plant.CANCELLED_BUT_CONTRIBUTING,
        Plant.BAD_USCC_CHECK,
        Plant.BAD_LICENCE_CHECK,
        Plant.ABOLISHED_DIVISION,
        Plant.LICENCE_REVOKED_BUT_SELLING,
        Plant.NEGATIVE_STOCK
    };
    private static final int MOST_PLANTED = 40;

    /** How many of each kind: in proportion to the scale, but never none and never more than a person can look through. */
    int plantedEach() {
        return Math.clamp(Math.round(MOST_PLANTED * scale), 3, MOST_PLANTED);
    }

    /** The entities with a plant, by ordinal. */
    long[] planted(Plant plant) {
        return planted.getOrDefault(plant, new long[0]).clone();
    }

    private int ordinal(Plant plant, long entity) {
        long[] all = planted.getOrDefault(plant, new long[0]);
        for (int i = 0; i < all.length; i++) {
            if (all[i] == entity) {
                return i;
            }
        }
        throw new IllegalStateException("Not planted: " + plant + " " + entity);
    }

    private void choosePersons() {
        for (Plant plant : PERSON_PLANTS) {
            choose(plant, persons, PERSON_PLANTS, i -> suits(plant, born(i)));
        }
    }

    private static boolean suits(Plant plant, Person p) {
        boolean plain = p.alive() && !p.surname().isEmpty();
        boolean adult = plain && p.age() >= 25;
        return switch (plant) {
            case DEAD_BUT_PENSION -> plain && p.retired() && p.age() >= 62 && p.age() < 80;
            case DEAD_BUT_ALLOWANCE -> plain && p.age() >= 80;
            case LOWER_CASE_X -> plain && p.idNumber().endsWith("X");
            case FIFTEEN_DIGIT_ID ->
                adult && p.role() == Role.HEAD && p.born() < Days.of(1985, 1, 1) && p.born() >= Days.of(1930, 1, 1);
            case FULL_WIDTH_ID, IMPOSSIBLE_ID_DATE, DUPLICATE_ROW -> plain && p.pupil();
            case BIRTH_DATE_DIFFERS -> plain && p.age() <= 9;
            case MARRIED_BUT_SINGLE, IMPOSSIBLE_DATE ->
                adult && p.role() == Role.HEAD && p.age() < 60 && p.index() % PERSONS_PER_TEN >= 8;
            case LOW_INCOME_WITH_PROPERTY -> adult && p.role() == Role.HEAD && p.age() >= 40;
            case DOUBLE_COVERAGE, FORMER_NAME, RARE_CHARACTER, MIDDLE_DOT -> adult && p.employer() >= 0;
            case SPACED_NAME, ADDRESS_DIFFERS, SEX_DIFFERS, BAD_ID_CHECK -> adult;
            default -> throw new IllegalStateException("Not about a person: " + plant);
        };
    }

    private void chooseCompanies() {
        for (Plant plant : COMPANY_PLANTS) {
            choose(plant, companies, COMPANY_PLANTS, j -> switch (plant) {
                case LICENCE_REVOKED_BUT_SELLING, NEGATIVE_STOCK -> j < pharmacies;
                case COMPANY_OLD_NAME -> j >= pharmacies && j < pharmacies + polluters;
                default -> j >= pharmacies + polluters;
            });
        }
    }

    private void choose(Plant plant, long population, Plant[] exclusive, LongPredicate suits) {
        int wanted = plantedEach();
        long[] chosen = new long[wanted];
        int found = 0;
        long from = dice("choose " + plant, 0).below(population);
        long step = coprime(population);
        for (long n = 0; n < population && found < wanted; n++) {
            long candidate = (from + n * step) % population;
            if (!isPlanted(candidate, exclusive) && suits.test(candidate)) {
                chosen[found++] = candidate;
            }
        }
        planted.put(plant, Arrays.copyOf(chosen, found));
    }

    private boolean isPlanted(long entity, Plant[] kinds) {
        for (Plant kind : kinds) {
            long[] all = planted.get(kind);
            if (all != null && Arrays.stream(all).anyMatch(e -> e == entity)) {
                return true;
            }
        }
        return false;
    }

    private static long coprime(long population) {
        return population % 7919 == 0 ? 7907 : 7919;
    }

    private long[] entities(Plant[] plants) {
        return Arrays.stream(plants)
                .flatMapToLong(p -> Arrays.stream(planted(p)))
                .sorted()
                .toArray();
    }

    private int[] kinds(Plant[] plants, long[] entities) {
        int[] kinds = new int[entities.length];
        for (Plant plant : plants) {
            for (long entity : planted(plant)) {
                kinds[Arrays.binarySearch(entities, entity)] = plant.ordinal();
            }
        }
        return kinds;
    }
}
