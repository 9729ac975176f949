"""Writes 64 short texts, of some 20 pieces, and 8 long ones, of some 500."""
zh = ["寻找{}的{}工艺，要求可在中试线上验证", "需要一种用于{}的{}设备，预算三十万元以内", "{}领域的{}技术成果，已完成样机测试", "面向{}企业的{}服务，可提供检测报告"]
en = ["we look for a {} process in {} that can be shown on a pilot line", "a device for {} used in {}, with a budget below fifty thousand euros",
      "results on {} for {}, tested with a prototype in the field", "services for makers of {} and {}, with reports of measurements"]
fields = [("锂离子电池", "涂布"), ("高强度铝合金", "焊接"), ("水下机器人", "导航"), ("蛋白质", "纯化"), ("低空无人机", "避障"), ("钙钛矿组件", "封装"), ("工业废水", "脱盐"), ("氢燃料电池", "密封")]
english = [("laser welding", "car making"), ("protein purification", "small plants"), ("obstacle avoidance", "city drones"), ("membrane desalination", "textile mills"),
           ("sealing", "fuel cells"), ("coating", "battery cells"), ("navigation", "underwater robots"), ("gas sensing", "mines")]
short = [t.format(*f) for t in zh for f in fields] + [t.format(*f) for t in en for f in english]
long = ["".join(short[i:32:2][:16]) if i % 2 == 0 else " ".join(short[32 + i:64:2]) for i in range(8)]
print("\n".join("query: " + t for t in short + long))
