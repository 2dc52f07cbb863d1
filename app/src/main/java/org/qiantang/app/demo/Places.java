package org.qiantang.app.demo;

import java.util.ArrayList;
import java.util.List;
import org.qiantang.app.demo.CityFolder.District;

/**
 * The city's ground: its districts with their codes of GB/T 2260, streets and communities. Street and community names sound like the
 * place; their codes below the district are the demo city's own numbering.
 */
final class Places {
    private static final int COMMUNITIES_PER_STREET = 4;
    private final CityFolder folder;
    private final List<Street> streets = new ArrayList<>();
    private final List<Community> communities = new ArrayList<>();
    private final int[] firstCommunity;

    record Street(int index, int district, String code, String name) {}

    record Community(int index, int street, int district, String code, String name, int households) {}

    Places(CityFolder folder, long seed) {
        this.folder = folder;
        List<District> districts = folder.districts();
        List<String> first = folder.words("community-first");
        List<String> second = folder.words("community-second");
        firstCommunity = new int[districts.size() + 1];
        long stream = Dice.stream("community");
        for (int d = 0; d < districts.size(); d++) {
            firstCommunity[d] = communities.size();
            District district = districts.get(d);
            for (int s = 0; s < district.streets().size(); s++) {
                String name = district.streets().get(s);
                boolean town = name.endsWith("镇");
                String code = district.code() + (town ? "1%02d" : "0%02d").formatted(s + 1);
                Street street = new Street(streets.size(), d, code, name);
                streets.add(street);
                for (int c = 0; c < COMMUNITIES_PER_STREET; c++) {
                    Dice dice = new Dice(seed, stream, communities.size());
                    boolean village = town && c > 0;
                    int word = (dice.below(100) * COMMUNITIES_PER_STREET + c) % 400;
                    String called = first.get(word / 20) + second.get(word % 20) + (village ? "村" : "社区");
                    communities.add(new Community(
                            communities.size(),
                            street.index(),
                            d,
                            code + (village ? "2%02d" : "0%02d").formatted(c + 1),
                            called,
                            dice.between(600, 3200)));
                }
            }
        }
        firstCommunity[districts.size()] = communities.size();
    }

    List<District> districts() {
        return folder.districts();
    }

    /** A district by number, counted round and round. */
    District district(long number) {
        return districts().get((int) (number % districts().size()));
    }

    List<Street> streets() {
        return streets;
    }

    List<Community> communities() {
        return communities;
    }

    /** A community of a district. */
    Community pick(int district, Dice dice) {
        int from = firstCommunity[district];
        return communities.get(from + dice.below(firstCommunity[district + 1] - from));
    }
}
