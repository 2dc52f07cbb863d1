package org.qiantang.app.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * The city's ground: 13 districts with their codes of GB/T 2260, streets and communities. Street and community names sound like the
 * place; their codes below the district are the demo city's own numbering.
 */
final class Places {
    private static final int COMMUNITIES_PER_STREET = 4;
    private static final String[] FIRST = {
        "东", "西", "南", "北", "新", "古", "清", "文", "锦", "云", "和", "金", "翠", "长", "永", "安", "春", "秋", "青", "红"
    };
    private static final String[] SECOND = {
        "桥", "园", "塘", "苑", "湖", "溪", "亭", "坊", "浜", "墩", "泉", "岭", "江", "荷", "柳", "兴", "运", "港", "阁", "坞"
    };

    private static final List<District> DISTRICTS = List.of(
            district("330102", "上城区", "Shangcheng", 120.184, 30.249, "清波街道 湖滨街道 小营街道 南星街道 紫阳街道 望江街道 凯旋街道 采荷街道"),
            district("330105", "拱墅区", "Gongshu", 120.142, 30.320, "米市巷街道 湖墅街道 小河街道 拱宸桥街道 大关街道 上塘街道 祥符街道 半山街道"),
            district("330106", "西湖区", "Xihu", 120.127, 30.262, "北山街道 灵隐街道 西溪街道 翠苑街道 文新街道 古荡街道 转塘街道 三墩镇"),
            district("330108", "滨江区", "Binjiang", 120.210, 30.208, "西兴街道 长河街道 浦沿街道"),
            district("330109", "萧山区", "Xiaoshan", 120.270, 30.163, "城厢街道 北干街道 蜀山街道 新塘街道 临浦镇 瓜沥镇 义桥镇"),
            district("330110", "余杭区", "Yuhang", 119.990, 30.300, "五常街道 仓前街道 良渚街道 闲林街道 仁和街道 瓶窑镇 径山镇"),
            district("330111", "富阳区", "Fuyang", 119.960, 30.050, "富春街道 东洲街道 春江街道 鹿山街道 新登镇 场口镇"),
            district("330112", "临安区", "Lin'an", 119.715, 30.231, "锦城街道 锦北街道 青山湖街道 昌化镇 於潜镇 太湖源镇"),
            district("330113", "临平区", "Linping", 120.300, 30.421, "临平街道 南苑街道 东湖街道 星桥街道 乔司街道 塘栖镇"),
            district("330114", "钱塘区", "Qiantang", 120.490, 30.310, "下沙街道 白杨街道 河庄街道 义蓬街道 新湾街道 临江街道"),
            district("330122", "桐庐县", "Tonglu", 119.690, 29.795, "桐君街道 旧县街道 城南街道 分水镇 富春江镇 横村镇"),
            district("330127", "淳安县", "Chun'an", 119.040, 29.610, "千岛湖镇 汾口镇 威坪镇 临岐镇 姜家镇"),
            district("330182", "建德市", "Jiande", 119.280, 29.475, "新安江街道 洋溪街道 更楼街道 梅城镇 乾潭镇 寿昌镇"));

    private final List<Street> streets = new ArrayList<>();
    private final List<Community> communities = new ArrayList<>();
    private final int[] firstCommunity = new int[DISTRICTS.size() + 1];

    /**
     * @param longitude of its middle, degrees CGCS2000
     */
    record District(String code, String name, String nameEn, double longitude, double latitude, List<String> streets) {}

    record Street(int index, int district, String code, String name) {}

    record Community(int index, int street, int district, String code, String name, int households) {}

    Places(long seed) {
        long stream = Dice.stream("community");
        for (int d = 0; d < DISTRICTS.size(); d++) {
            firstCommunity[d] = communities.size();
            District district = DISTRICTS.get(d);
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
                    String called = FIRST[word / 20] + SECOND[word % 20] + (village ? "村" : "社区");
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
        firstCommunity[DISTRICTS.size()] = communities.size();
    }

    private static District district(
            String code, String name, String nameEn, double longitude, double latitude, String streets) {
        return new District(code, name, nameEn, longitude, latitude, List.of(streets.split(" ")));
    }

    static List<District> districts() {
        return DISTRICTS;
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
